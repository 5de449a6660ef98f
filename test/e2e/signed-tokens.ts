import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { KeyServer } from '../support/key-server.js';

export const ISSUER = 'https://id.example.com/';
export const AUDIENCE = 'settings';

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const ed = generateKeyPairSync('ed25519');
export const strangerRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const strangerEd = generateKeyPairSync('ed25519');
export const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
export const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });

export const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });
export const KEYS = [
  jwk(rsa.publicKey, { kid: 'rsa', alg: 'RS256', use: 'sig' }),
  jwk(ec.publicKey, { kid: 'ec' }),
  jwk(ed.publicKey, { kid: 'ed', use: 'sig' }),
  jwk(strangerEd.publicKey, { kid: 'ed-2', key_ops: ['verify'] }),
  jwk(ed.publicKey, { kid: 'ed-older', alg: 'EdDSA' }),
  jwk(ed.publicKey, { kid: 'ed-newer', alg: 'Ed25519' }),
  jwk(ed.publicKey, { kid: 'ed-both', alg: 'EdDSA' }),
  jwk(ed.publicKey, { kid: 'ed-both', alg: 'Ed25519' }),
  jwk(rsa.publicKey, { kid: 'encryption', use: 'enc' }),
  jwk(rsa.publicKey, { kid: 'pss', alg: 'PS256' }),
  jwk(weakRsa.publicKey, { kid: 'weak' }),
  jwk(p384.publicKey, { kid: 'p384' }),
  jwk(strangerRsa.privateKey, { kid: 'private' }),
  { kty: 'oct', kid: 'shared', k: Buffer.from('a shared secret in a public place').toString('base64url') },
];

/** What a service needs to know of an identity provider with these keys. */
export const variablesFor = (keyServer: KeyServer) => ({
  JWT_SECRET: '',
  JWT_JWKS_URI: `${keyServer.url}/jwks`,
  JWT_ISSUER: ISSUER,
  JWT_AUDIENCE: AUDIENCE,
});

export const now = () => Math.floor(Date.now() / 1000);
export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
export const claimsOf = (user: string, more: object = {}) => ({
  sub: user,
  iss: ISSUER,
  aud: AUDIENCE,
  exp: now() + 60,
  ...more,
});

type Signer = (content: Buffer) => Buffer;
export const withRsa =
  (key = rsa.privateKey): Signer =>
  (content) =>
    sign('sha256', content, key);
export const withEc =
  (key = ec.privateKey): Signer =>
  (content) =>
    sign('sha256', content, { key, dsaEncoding: 'ieee-p1363' });
export const withEd =
  (key = ed.privateKey): Signer =>
  (content) =>
    sign(null, content, key);
export const withHmac =
  (secret: string | Buffer): Signer =>
  (content) =>
    createHmac('sha256', secret).update(content).digest();

/** Header and claims as objects, or as the very text. */
export const token = (header: unknown, payload: unknown, signer: Signer) => {
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${signer(Buffer.from(content)).toString('base64url')}`;
};
export const rs256 = (payload: unknown, header: object = {}) =>
  token({ alg: 'RS256', kid: 'rsa', ...header }, payload, withRsa());
