import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JWT_SECRET, TestApp } from '../support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../support/factories.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = (header: object, claims: object, secret = JWT_SECRET) => {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
};
const hs256 = (claims: object, secret?: string) => signed({ alg: 'HS256', typ: 'JWT' }, claims, secret);
/** JSON.stringify cannot write a number that is read as infinite. */
const neverEnding = () => {
  const header = encode({ alg: 'HS256', typ: 'JWT' });
  const claims = Buffer.from(`{"sub":"${organization.user}","exp":1e999}`).toString('base64url');
  return `${header}.${claims}.${createHmac('sha256', JWT_SECRET).update(`${header}.${claims}`).digest('base64url')}`;
};
const withToken = (token: string, path = '/settings/user') =>
  app.request('GET', path, { headers: { authorization: `Bearer ${token}` } });

describe('a missing token', () => {
  const PATHS = ['/settings/user', '/settings/organization', '/organization/%zz', '/organization/x'];

  it.each(PATHS)('is a 401 with a bare challenge on %s', async (path) => {
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'Basic YTpi' },
      { cookie: `token=${app.tokenFor('x')}` },
    ]) {
      const answer = await app.request('GET', path, { headers: headers as Record<string, string> });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.body).toMatchObject({ success: false, message: 'Unauthorized' });
    }
  });

  it('is a 401 also with a token in the query', async () => {
    const answer = await app.request('GET', `/settings/user?access_token=${app.tokenFor(organization.user)}`);
    expect(answer.status).toBe(401);
  });

  it('is found missing quickly, however long the header', async () => {
    const timeOf = async (authorization: string) => {
      const times: number[] = [];
      for (let round = 0; round < 5; round++) {
        const start = performance.now();
        expect((await app.request('GET', '/settings/user', { headers: { authorization } })).status).toBe(401);
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const short = await timeOf('Bearer a a');
    for (const long of ['a'.repeat(15_000), `Bearer ${' '.repeat(14_000)}`, `Bearer ${'a '.repeat(7_000)}`]) {
      expect(await timeOf(long)).toBeLessThan(10 * short);
    }
  });

  it('comes in the envelope of the route', async () => {
    const settings = await app.request('PUT', '/settings/organization', { body: 'no JSON' });
    expect(settings.body).toStrictEqual({
      success: false,
      message: 'Unauthorized',
      error: 'a bearer token is required',
    });
    const profile = await app.request('PUT', `/organization/${randomUUID()}`, { body: {} });
    expect(profile.body).toStrictEqual({ success: false, data: null, message: 'Unauthorized' });
  });
});

describe('a bad token', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const good = () => ({ sub: organization.user, exp: now() + 60 });

  it.each<[string, () => string]>([
    ['no JWT', () => 'xyz'],
    ['three dots', () => '...'],
    ['another secret', () => hs256(good(), 'another secret, which is just as long')],
    ['alg none', () => `${encode({ alg: 'none' })}.${encode(good())}.`],
    ['alg none with a signature', () => signed({ alg: 'none' }, good())],
    ['another HMAC', () => jwt.sign(good(), JWT_SECRET, { algorithm: 'HS512' })],
    ['RS256', () => jwt.sign(good(), rsa.privateKey, { algorithm: 'RS256' })],
    ['RS256 in the header only', () => signed({ alg: 'RS256', typ: 'JWT' }, good())],
    ['claims that are null', () => signed({ alg: 'HS256', typ: 'JWT' }, null as unknown as object)],
    ['a critical extension', () => signed({ alg: 'HS256', crit: ['b64'], b64: false }, good())],
    ['an exp beyond all numbers', neverEnding],
    ['words behind it', () => `${hs256(good())} and more`],
    ['no exp', () => hs256({ sub: organization.user })],
    ['exp: null', () => hs256({ sub: organization.user, exp: null })],
    ['exp as text', () => hs256({ sub: organization.user, exp: String(now() + 60) })],
    ['an old exp', () => hs256({ sub: organization.user, exp: now() - 31 })],
    ['a late nbf', () => hs256({ ...good(), nbf: now() + 3600 })],
    ['no subject', () => hs256({ exp: now() + 60 })],
    ['an empty subject', () => hs256({ sub: '', exp: now() + 60 })],
    ['a number as subject', () => hs256({ sub: 5, exp: now() + 60 })],
    ['an object as subject', () => hs256({ sub: { id: 1 }, exp: now() + 60 })],
    ['a null subject beside a userId', () => hs256({ sub: null, userId: organization.user, exp: now() + 60 })],
    ['a long subject', () => hs256({ sub: 'x'.repeat(256), exp: now() + 60 })],
    ['U+0000 in the subject', () => hs256({ sub: `${organization.user}\0`, exp: now() + 60 })],
    [
      'a changed payload',
      () => hs256(good()).replace(/\.[^.]+\./, `.${encode({ ...good(), sub: organization.owner })}.`),
    ],
  ])('with %s is a 401', async (_, token) => {
    const answer = await withToken(token());
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[a-z ]+"$/);
    expect(answer.body).toMatchObject({ success: false, message: 'Unauthorized' });
  });

  it.each([
    ['an exp of six seconds ago', () => ({ ...good(), exp: now() - 6 }), 'the token has expired'],
    ['an nbf in ten seconds', () => ({ ...good(), nbf: now() + 10 }), 'the token is not valid yet'],
  ])('has %s', async (_, claims, error) => {
    const answer = await withToken(hs256(claims()));
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 401, body: { error } });
  });

  it('says when it is the time that is wrong', async () => {
    expect((await withToken(hs256({ ...good(), exp: now() - 60 }))).body).toMatchObject({
      error: 'the token has expired',
    });
    expect((await withToken(hs256({ ...good(), nbf: now() + 60 }))).body).toMatchObject({
      error: 'the token is not valid yet',
    });
  });
});

describe('a good token', () => {
  it('names the user by sub, or else by userId', async () => {
    for (const claims of [{ sub: organization.user }, { userId: organization.user }]) {
      expect((await withToken(hs256({ ...claims, exp: now() + 60 }))).status).toBe(200);
    }
    const both = { sub: organization.user, userId: 'nobody-knows-me', exp: now() + 60 };
    expect((await withToken(hs256(both))).status).toBe(200);
  });

  it.each(['auth0|5f7c8ec7c33c6c004bbafe82', 'Ünïcödé 🙂', "o'brien; --", 'x'.repeat(255), '../../etc'])(
    'may have any subject: %s',
    async (id) => {
      await aUser(app.dataSource, { id });
      const as = { as: id };
      expect((await app.request('PUT', '/settings/user', { ...as, body: { me: id } })).status).toBe(200);
      expect((await app.request('GET', '/settings/user', as)).body).toStrictEqual({
        success: true,
        settings: { me: id },
      });
    },
  );

  it('says nothing of organization or role', async () => {
    const claims = { role: 'OWNER', roles: [255], organizationId: organization.id, orgId: organization.id };
    const token = hs256({ sub: organization.user, exp: now() + 60, ...claims });
    const headers = { authorization: `Bearer ${token}`, 'x-organization-id': organization.id };
    const write = await app.request('PUT', '/settings/organization', { headers, body: { a: 1 } });
    expect(write.status).toBe(403);
    const other = await anOrganization(app.dataSource);
    expect(
      (await withToken(hs256({ ...claims, sub: other.user, exp: now() + 60 }), `/organization/${organization.id}`))
        .status,
    ).toBe(403);
  });

  it.each([
    ['an exp of four seconds ago', () => ({ exp: now() - 4 })],
    ['an nbf in four seconds', () => ({ exp: now() + 60, nbf: now() + 4 })],
  ])('may have %s, because clocks differ', async (_, claims) => {
    const bearer = hs256({ sub: organization.user, ...claims() });
    // Twice: before and after it is remembered.
    for (let n = 0; n < 2; n++) expect((await withToken(bearer)).status).toBe(200);
  });

  it.each([
    ['0', 1],
    ['30', 31],
  ])('has its clock trusted within JWT_CLOCK_TOLERANCE_SECONDS=%s', async (seconds, tooLate) => {
    const other = await TestApp.start({ JWT_CLOCK_TOLERANCE_SECONDS: seconds });
    const sub = await aUser(other.dataSource);
    const statusOf = async (secondsAgo: number) => {
      const authorization = `Bearer ${hs256({ sub, exp: now() - secondsAgo })}`;
      return (await other.request('GET', '/settings/user', { headers: { authorization } })).status;
    };
    const statuses = [await statusOf(tooLate - 3), await statusOf(tooLate)];
    await other.close();
    expect(statuses).toStrictEqual([200, 401]);
  });

  it('may follow the scheme in any case', async () => {
    const authorization = `bearer ${app.tokenFor(organization.user)}`;
    expect((await app.request('GET', '/settings/user', { headers: { authorization } })).status).toBe(200);
  });
});

describe('while the secret is exchanged', () => {
  const PREVIOUS = 'the secret that the tests knew before, long enough';
  let rotating: TestApp;
  let sub: string;

  beforeAll(async () => {
    rotating = await TestApp.start({ JWT_SECRET_PREVIOUS: PREVIOUS });
    sub = await aUser(rotating.dataSource);
  });
  afterAll(() => rotating.close());

  const answerTo = (token: string) =>
    rotating.request('GET', '/settings/user', { headers: { authorization: `Bearer ${token}` } });
  const good = () => ({ sub, exp: now() + 60 });

  it('takes tokens of both, and of no third', async () => {
    // Twice: before and after they are remembered.
    for (let n = 0; n < 2; n++) {
      expect((await answerTo(hs256(good()))).status).toBe(200);
      expect((await answerTo(hs256(good(), PREVIOUS))).status).toBe(200);
      expect((await answerTo(hs256(good(), 'another secret, which is just as long'))).status).toBe(401);
    }
  });

  it.each<[string, () => string, string]>([
    ['an old exp', () => hs256({ sub, exp: now() - 60 }, PREVIOUS), 'the token has expired'],
    ['a late nbf', () => hs256({ ...good(), nbf: now() + 60 }, PREVIOUS), 'the token is not valid yet'],
    ['no exp', () => hs256({ sub }, PREVIOUS), 'the token is not valid'],
    ['another HMAC', () => jwt.sign(good(), PREVIOUS, { algorithm: 'HS512' }), 'the token is not valid'],
    [
      'a critical extension',
      () => signed({ alg: 'HS256', crit: ['b64'], b64: false }, good(), PREVIOUS),
      'the token is not valid',
    ],
    [
      'claims that are null',
      () => signed({ alg: 'HS256' }, null as unknown as object, PREVIOUS),
      'the token is not valid',
    ],
  ])('judges a token of the previous one as any other: %s', async (_, token, error) => {
    const { status, body } = await answerTo(token());
    expect({ status, body }).toMatchObject({ status: 401, body: { error } });
  });
});
