import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aUser } from '../support/factories.js';
import { KeyServer } from '../support/key-server.js';
import {
  AUDIENCE,
  claimsOf,
  jwk,
  KEYS,
  now,
  rs256,
  strangerRsa,
  token,
  variablesFor,
  withEc,
  withEd,
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
const ask = (bearer: string) =>
  app.request('GET', '/settings/user', { headers: { authorization: `Bearer ${bearer}` } });

describe('a token that holds', () => {
  it.each<[string, () => string]>([
    ['RS256', () => rs256(claims())],
    ['ES256', () => token({ alg: 'ES256', kid: 'ec' }, claims(), withEc())],
    ['EdDSA', () => token({ alg: 'EdDSA', kid: 'ed' }, claims(), withEd())],
    ['Ed25519 (RFC 9864), by a key without alg', () => token({ alg: 'Ed25519', kid: 'ed' }, claims(), withEd())],
    ['Ed25519, by a key for EdDSA', () => token({ alg: 'Ed25519', kid: 'ed-older' }, claims(), withEd())],
    ['Ed25519, by a key for Ed25519', () => token({ alg: 'Ed25519', kid: 'ed-newer' }, claims(), withEd())],
    ['EdDSA, by a key for Ed25519', () => token({ alg: 'EdDSA', kid: 'ed-newer' }, claims(), withEd())],
    ['EdDSA, by a key published under both names', () => token({ alg: 'EdDSA', kid: 'ed-both' }, claims(), withEd())],
    ['Ed25519, by a key published under both', () => token({ alg: 'Ed25519', kid: 'ed-both' }, claims(), withEd())],
    ['an exp of four seconds ago', () => rs256(claims({ exp: now() - 4 }))],
    ['an nbf in four seconds', () => rs256(claims({ nbf: now() + 4 }))],
    ['no kid, where one key fits', () => token({ alg: 'ES256' }, claims(), withEc())],
    ['the type of RFC 9068', () => rs256(claims(), { typ: 'at+jwt' })],
    ['several audiences', () => rs256(claims({ aud: ['other', AUDIENCE] }))],
    ['a userId and no sub', () => rs256(claims({ sub: undefined, userId: user }))],
    ['an nbf that has come', () => rs256(claims({ nbf: now() }))],
    ['the same name in two objects', () => rs256(claims({ a: { sub: 1 }, b: [{ sub: 1 }, '"sub":'] }))],
  ])('is taken: %s', async (_, make) => {
    const bearer = make();
    expect((await ask(bearer)).status).toBe(200);
    expect((await ask(bearer)).status).toBe(200);
  });

  it('is remembered only until it ends, with the tolerance for clocks', async () => {
    const bearer = rs256(claims({ exp: now() - 3 }));
    expect((await ask(bearer)).status).toBe(200);
    await new Promise((wake) => setTimeout(wake, 2_050));
    expect((await ask(bearer)).body).toMatchObject({ error: 'the token has expired' });
  });

  it('is not taken with another signature, although it is remembered', async () => {
    const bearer = rs256(claims());
    expect((await ask(bearer)).status).toBe(200);
    const [header, payload] = bearer.split('.');
    expect((await ask(`${header}.${payload}.${'A'.repeat(342)}`)).status).toBe(401);
    expect((await ask(`${header}.${payload}.`)).status).toBe(401);
  });

  it.each(['jku', 'x5u', 'jwk', 'x5c'])('is verified by the known key, whatever %s says', async (name) => {
    const value = name === 'jwk' ? jwk(strangerRsa.publicKey) : name === 'x5c' ? ['MIIB'] : elsewhere.url;
    expect((await ask(rs256(claims(), { [name]: value }))).status).toBe(200);
    expect(elsewhere.hits).toBe(0);
  });
});
