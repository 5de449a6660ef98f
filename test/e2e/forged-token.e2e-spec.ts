import { constants, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { KeyServer } from '../support/key-server.js';
import {
  claimsOf,
  encode,
  ISSUER,
  jwk,
  KEYS,
  now,
  p384,
  rs256,
  rsa,
  strangerEd,
  strangerRsa,
  token,
  variablesFor,
  weakRsa,
  withEc,
  withEd,
  withHmac,
  withRsa,
} from './signed-tokens.js';

let keyServer: KeyServer;
let elsewhere: KeyServer;
let app: TestApp;
let user: string;

beforeAll(async () => {
  keyServer = await KeyServer.start(KEYS);
  elsewhere = await KeyServer.start([jwk(strangerRsa.publicKey, { kid: 'stranger' })]);
  app = await TestApp.start(variablesFor(keyServer));
  user = await aUser(app.dataSource);
});
afterAll(async () => {
  await app.close();
  await keyServer.close();
  await elsewhere.close();
});

const claims = (more: object = {}) => claimsOf(user, more);
const ask = (bearer: string, instance = app) =>
  instance.request('GET', '/settings/user', { headers: { authorization: `Bearer ${bearer}` } });

describe('a forged token', () => {
  const publicPem = rsa.publicKey.export({ format: 'pem', type: 'spki' });
  const stranger = (header: object) => token({ alg: 'RS256', ...header }, claims(), withRsa(strangerRsa.privateKey));
  const text = (more: string) => JSON.stringify(claims()).replace(/}$/, `,${more}}`);

  it.each<[string, () => string]>([
    ['no signature, alg none', () => token({ alg: 'none' }, claims(), () => Buffer.alloc(0))],
    ['alg none in capitals, with a kid', () => token({ alg: 'NONE', kid: 'rsa' }, claims(), () => Buffer.alloc(0))],
    ['no alg', () => token({ kid: 'rsa' }, claims(), withRsa())],
    ['alg as a list', () => token({ alg: ['RS256'], kid: 'rsa' }, claims(), withRsa())],
    ['HS256 with the public key (PEM)', () => token({ alg: 'HS256', kid: 'rsa' }, claims(), withHmac(publicPem))],
    [
      'HS256 with the public key (its modulus)',
      () => token({ alg: 'HS256', kid: 'rsa' }, claims(), withHmac(String(jwk(rsa.publicKey)['n' as never]))),
    ],
    ['HS256 with nothing', () => token({ alg: 'HS256', kid: 'rsa' }, claims(), withHmac(''))],
    [
      'HS256 with a shared key of the set',
      () => token({ alg: 'HS256', kid: 'shared' }, claims(), withHmac('a shared secret in a public place')),
    ],
    [
      'RS384',
      () => token({ alg: 'RS384', kid: 'rsa' }, claims(), (content) => sign('sha384', content, rsa.privateKey)),
    ],
    [
      'PS256 by a key for it',
      () =>
        token({ alg: 'PS256', kid: 'pss' }, claims(), (content) =>
          sign('sha256', content, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
        ),
    ],
    [
      'ES384 by a key for it',
      () =>
        token({ alg: 'ES384', kid: 'p384' }, claims(), (content) =>
          sign('sha384', content, { key: p384.privateKey, dsaEncoding: 'ieee-p1363' }),
        ),
    ],
    ['Ed25519 by a stranger', () => token({ alg: 'Ed25519', kid: 'ed' }, claims(), withEd(strangerEd.privateKey))],
    ['Ed25519 by an RSA key', () => token({ alg: 'Ed25519', kid: 'rsa' }, claims(), withRsa())],
    ['RS256 by the key of another kid', () => token({ alg: 'RS256', kid: 'ec' }, claims(), withRsa())],
    ['ES256 by an RSA key', () => token({ alg: 'ES256', kid: 'rsa' }, claims(), withRsa())],
    ['ES256 on another curve', () => token({ alg: 'ES256', kid: 'p384' }, claims(), withEc(p384.privateKey))],
    ['ES256 with a signature of zeros', () => token({ alg: 'ES256', kid: 'ec' }, claims(), () => Buffer.alloc(64))],
    ['a key for encryption', () => rs256(claims(), { kid: 'encryption' })],
    ['a key for another algorithm', () => rs256(claims(), { kid: 'pss' })],
    ['a key that is too short', () => token({ alg: 'RS256', kid: 'weak' }, claims(), withRsa(weakRsa.privateKey))],
    ['a private key in the set', () => stranger({ kid: 'private' })],
    ['no kid, where several keys fit', () => token({ alg: 'EdDSA' }, claims(), withEd())],
    ["a stranger's key under a known kid", () => stranger({ kid: 'rsa' })],
    ['an unknown kid', () => stranger({ kid: 'stranger' })],
    ['an unknown kid and a jku', () => stranger({ kid: 'stranger', jku: `${elsewhere.url}/jwks` })],
    ['an unknown kid and an x5u', () => stranger({ kid: 'stranger', x5u: `${elsewhere.url}/chain.pem` })],
    ['its own key in the header', () => stranger({ jwk: jwk(strangerRsa.publicKey) })],
    ['its own key under a known kid', () => stranger({ kid: 'rsa', jwk: jwk(strangerRsa.publicKey, { kid: 'rsa' }) })],
    [
      'its own certificate',
      () =>
        stranger({
          kid: 'rsa',
          x5c: [strangerRsa.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')],
        }),
    ],
    ['a path as kid', () => stranger({ kid: '../../../../dev/null' })],
    ['an address as kid', () => stranger({ kid: elsewhere.url })],
    ['SQL as kid', () => stranger({ kid: "x' union select 'key" })],
    ['a huge kid', () => stranger({ kid: 'k'.repeat(8_000) })],
    ['an empty kid', () => stranger({ kid: '' })],
    ['a number as kid', () => stranger({ kid: 0 })],
    ['null as kid', () => token({ alg: 'ES256', kid: null }, claims(), withEc())],
    ['a list as kid', () => rs256(claims(), { kid: ['rsa'] })],
    ['__proto__ as kid', () => token('{"alg":"RS256","kid":"__proto__"}', claims(), withRsa())],
    ['constructor as kid', () => stranger({ kid: 'constructor' })],
    ['a kid in __proto__', () => token('{"alg":"EdDSA","__proto__":{"kid":"ed"}}', claims(), withEd())],
    ['a critical extension', () => rs256(claims(), { crit: ['exp'] })],
    ['the one critical extension that jose knows', () => rs256(claims(), { crit: ['b64'], b64: true })],
    ['crit that is empty', () => rs256(claims(), { crit: [] })],
    ['no issuer', () => rs256(claims({ iss: undefined }))],
    ['a foreign issuer', () => rs256(claims({ iss: 'https://id.example.com' }))],
    ['a list of issuers', () => rs256(claims({ iss: [ISSUER] }))],
    ['no audience', () => rs256(claims({ aud: undefined }))],
    ['another audience', () => rs256(claims({ aud: 'billing' }))],
    ['only other audiences', () => rs256(claims({ aud: ['billing', 'settings2'] }))],
    ['no exp', () => rs256(claims({ exp: undefined }))],
    ['exp: null', () => rs256(claims({ exp: null }))],
    ['exp as text', () => rs256(claims({ exp: String(now() + 60) }))],
    ['an exp beyond all numbers', () => rs256(JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999'))],
    ['an old exp', () => rs256(claims({ exp: now() - 31 }))],
    ['an exp of six seconds ago', () => rs256(claims({ exp: now() - 6 }))],
    ['an nbf in ten seconds', () => rs256(claims({ nbf: now() + 10 }))],
    ['a late nbf', () => rs256(claims({ nbf: now() + 3600 }))],
    ['an nbf beyond all numbers', () => rs256(text('"nbf":1e999'))],
    ['an nbf as text', () => rs256(claims({ nbf: '0' }))],
    ['no subject', () => rs256(claims({ sub: undefined }))],
    ['a number as subject', () => rs256(claims({ sub: 5 }))],
    ['an empty subject', () => rs256(claims({ sub: '' }))],
    ['two subjects', () => rs256(text(`"sub":"${user}"`))],
    ['two subjects, one of them escaped', () => rs256(text(`"s\\u0075b":"${user}"`))],
    ['two algorithms', () => token('{"alg":"none","kid":"rsa","alg":"RS256"}', claims(), withRsa())],
    ['a member twice, deep inside', () => rs256(text('"a":[{"b":{"c":1,"c":1}}]'))],
    ['claims that are a list', () => rs256([claims()])],
    ['claims that are null', () => rs256('null')],
    ['claims that are no JSON', () => rs256('{')],
    [
      'claims that are not UTF-8',
      () => rs256(claims()).replace(/\.[^.]+\./, `.${Buffer.from([0x7b, 0xff]).toString('base64url')}.`),
    ],
    ['a header that is a list', () => token([{ alg: 'RS256', kid: 'rsa' }], claims(), withRsa())],
    ['a changed payload', () => rs256(claims()).replace(/\.[^.]+\./, `.${encode(claims({ sub: 'root' }))}.`)],
    ['five parts', () => `${rs256(claims())}.AAAA.AAAA`],
    ['two parts', () => rs256(claims()).replace(/\.[^.]+$/, '')],
    ['dots', () => '....'],
  ])('is a 401: %s', async (_, make) => {
    const asked = performance.now();
    const answer = await ask(make());
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[a-z ]+"$/);
    expect(answer.body).toMatchObject({ success: false, message: 'Unauthorized' });
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(elsewhere.hits).toBe(0);
  });

  it('is told what is wrong only where it is the time, and only if the signature holds', async () => {
    const errorOf = async (bearer: string) => ((await ask(bearer)).body as { error: string }).error;
    expect(await errorOf(rs256(claims({ exp: now() - 60 })))).toBe('the token has expired');
    expect(await errorOf(rs256(claims({ nbf: now() + 60 })))).toBe('the token is not valid yet');
    const old = claims({ exp: now() - 60 });
    const forged = token({ alg: 'RS256', kid: 'rsa' }, old, withRsa(strangerRsa.privateKey));
    expect(await errorOf(forged)).toBe('the token is not valid');
  });

  it('is missing without a bearer token', async () => {
    const answer = await app.request('GET', '/settings/user', { headers: { authorization: 'Basic YTpi' } });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });
});

describe('a flood of unknown kids', () => {
  /** Only just has its keys, so that the next unknown kid has them fetched, and no other one for a while. */
  let fresh: TestApp;

  const flood = (size: number) =>
    Promise.all(
      Array.from({ length: size }, (_, n) =>
        ask(token({ alg: 'RS256', kid: `flood-${n}` }, claims(), withRsa(strangerRsa.privateKey)), fresh),
      ),
    );

  beforeEach(async () => {
    fresh = await TestApp.start(variablesFor(keyServer), app.database);
    expect((await ask(rs256(claims()), fresh)).status).toBe(200);
    keyServer.hits = 0;
  });
  afterEach(() => fresh.close());

  it('has the keys fetched once', async () => {
    for (let wave = 0; wave < 3; wave++) {
      for (const { status } of await flood(100)) expect(status).toBe(401);
    }
    expect(keyServer.hits).toBe(1);
  });

  it('ends quickly although the key server hangs, and stalls nobody whose key is known', async () => {
    keyServer.answer = () => undefined;
    const asked = performance.now();
    const flooding = flood(100);
    for (let n = 0; n < 10; n++) expect((await ask(rs256(claims({ n })), fresh)).status).toBe(200);
    expect(performance.now() - asked).toBeLessThan(3_000);
    for (const { status } of await flooding) expect(status).toBe(401);
    expect(performance.now() - asked).toBeLessThan(6_000);
    expect(keyServer.hits).toBe(1);
  });
});
