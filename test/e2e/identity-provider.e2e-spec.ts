import { type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../support/factories.js';
import { type Algorithm, aSigningKey, AUDIENCE, TestIdentityProvider } from '../support/identity-provider.js';
import { KeyServer } from '../support/key-server.js';

const ALGORITHMS: Algorithm[] = ['RS256', 'ES256', 'EdDSA'];
const REFRESH_SECONDS = 1;

const generation = (number: number): Promise<JWK[]> =>
  Promise.all(ALGORITHMS.map((algorithm) => aSigningKey(algorithm, number)));

let provider: TestIdentityProvider;
let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  provider = await TestIdentityProvider.start(await generation(1));
  app = await TestApp.start({ ...provider.variables, JWT_JWKS_REFRESH_SECONDS: String(REFRESH_SECONDS) });
  organization = await anOrganization(app.dataSource);
});
afterAll(async () => {
  await app.close();
  await provider.down();
});

const get = (token: string, path = '/settings/user') =>
  app.request('GET', path, { headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string) => (await get(token)).status;

describe("a provider's token", () => {
  it.each(ALGORITHMS)('signed with %s speaks for the user whose id is its subject', async (algorithm) => {
    const token = await provider.tokenOf(organization.owner, algorithm);
    expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg: algorithm });
    const headers = { authorization: `Bearer ${token}` };
    const written = await app.request('PUT', '/settings/organization', { headers, body: { by: algorithm } });
    expect(written.status).toBe(200);
    expect((await get(token, '/settings/organization')).body).toMatchObject({ settings: { by: algorithm } });
    const member = await provider.tokenOf(organization.user, algorithm);
    const refused = await app.request('PUT', '/settings/organization', {
      headers: { authorization: `Bearer ${member}` },
      body: {},
    });
    expect(refused.status).toBe(403);
  });

  it('may have a subject of any form', async () => {
    const subject = 'auth0|5f7c8ec7c33c6c004bbafe82';
    const token = await provider.tokenOf(subject, 'ES256');
    expect((await get(token)).status).toBe(404);
    await aUser(app.dataSource, { id: subject });
    expect((await get(token)).status).toBe(200);
  });

  it('may be that of a client, which is nobody unless a row has its id', async () => {
    const token = await provider.clientToken('EdDSA');
    expect((await get(token)).body).toMatchObject({ message: 'User not found' });
    await aUser(app.dataSource, { id: 'web' });
    expect((await get(token)).status).toBe(200);
  });
});

describe("a provider's clock", () => {
  it.each([
    ['0', 1],
    ['30', 31],
  ])('is trusted within JWT_CLOCK_TOLERANCE_SECONDS=%s', async (seconds, tooLate) => {
    const key = await aSigningKey('ES256');
    const keyServer = await KeyServer.start([{ ...key, d: undefined }]);
    const variables = { JWT_SECRET: '', JWT_JWKS_URI: keyServer.url, JWT_ISSUER: 'us', JWT_AUDIENCE: AUDIENCE };
    const other = await TestApp.start({ ...variables, JWT_CLOCK_TOLERANCE_SECONDS: seconds }, app.database);
    const statusOf = async (secondsAgo: number) => {
      const token = await new SignJWT({ sub: organization.user, iss: 'us', aud: AUDIENCE })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid! })
        .setExpirationTime(Math.floor(Date.now() / 1000) - secondsAgo)
        .sign(key);
      const headers = { authorization: `Bearer ${token}` };
      return (await other.request('GET', '/settings/user', { headers })).status;
    };
    const statuses = [await statusOf(tooLate - 3), await statusOf(tooLate)];
    await other.close();
    await keyServer.close();
    expect(statuses).toStrictEqual([200, 401]);
  });
});

describe('when the provider changes its keys', () => {
  it('takes new tokens at once, and refuses the old ones within the time that is configured', async () => {
    const old = await Promise.all(ALGORITHMS.map((algorithm) => provider.tokenOf(organization.user, algorithm)));
    for (const token of old) expect(await statusOf(token)).toBe(200);

    await provider.down();
    await provider.up(await generation(2));
    const fresh = await provider.tokenOf(organization.user, 'ES256');
    expect(await statusOf(fresh)).toBe(200);
    for (const token of old) expect(await statusOf(token)).toBe(401);

    await provider.down();
    await provider.up(await generation(3));
    await vi.waitUntil(async () => (await statusOf(fresh)) === 401, {
      timeout: REFRESH_SECONDS * 1000 + 3_000,
      interval: 50,
    });
    for (const algorithm of ALGORITHMS) {
      expect(await statusOf(await provider.tokenOf(organization.user, algorithm))).toBe(200);
    }
  });
});

describe('while the key server is away', () => {
  it('goes on with the keys that it knows, and lets nobody else in', async () => {
    const known = await provider.tokenOf(organization.user, 'RS256');
    const seen = await provider.tokenOf(organization.user, 'EdDSA');
    expect(await statusOf(seen)).toBe(200);
    const other = await TestIdentityProvider.start(await generation(4));
    const unknown = await other.tokenOf(organization.user, 'RS256');
    await other.down();

    await provider.down();
    await new Promise((wake) => setTimeout(wake, (REFRESH_SECONDS + 0.5) * 1000));
    for (let n = 0; n < 20; n++) {
      const asked = performance.now();
      expect(await statusOf(n % 2 === 0 ? known : seen)).toBe(200);
      expect(await statusOf(unknown)).toBe(401);
      expect(performance.now() - asked).toBeLessThan(1_000);
    }
    await provider.up(await generation(5));
    await vi.waitUntil(async () => (await statusOf(known)) === 401, { timeout: 15_000, interval: 50 });
    expect(await statusOf(await provider.tokenOf(organization.user, 'RS256'))).toBe(200);
  });
});
