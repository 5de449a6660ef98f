import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { requestAt, TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { HAS_REDIS, REDIS_URL } from '../support/redis.js';

describe('the quota of an address', () => {
  const LIMIT = 5;
  const VARIABLES = { RATE_LIMIT_ADDRESS_PER_MINUTE: String(LIMIT), TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' };
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  it('is spent by whatever has no valid token, and by nothing else', async () => {
    const strict = await TestApp.start(VARIABLES);
    try {
      const { owner } = await anOrganization(strict.dataSource);
      for (let n = 0; n < 2 * LIMIT; n++) {
        for (const path of ['/health', '/health/live', '/metrics']) {
          expect((await strict.request('GET', path)).status).toBe(200);
        }
        for (const path of ['/', '/docs', '/openapi.json', '/settings/user']) {
          expect((await strict.request('GET', path, { as: owner })).status).toBe(200);
        }
        expect((await strict.request('GET', '/nothing', { as: owner })).status).toBe(404);
      }
      const spending = ['/', '/docs', '/openapi.yaml', '/nothing', '/settings/user'];
      const statuses = [200, 200, 200, 404, 401];
      for (const [n, path] of spending.entries()) {
        const answer = await strict.request('GET', path);
        expect(answer.status, path).toBe(statuses[n]);
        expect(answer.headers['ratelimit-policy']).toBe(`"address";q=${LIMIT};w=60`);
        expect(answer.headers['ratelimit']).toMatch(new RegExp(`^"address";r=${LIMIT - 1 - n};t=\\d+$`));
      }
      for (const path of [...spending, `/organization/x`]) {
        const answer = await strict.request('GET', path, { headers: { authorization: 'Bearer wrong' } });
        expect(answer.status, path).toBe(429);
        expect(answer.body).toMatchObject({ success: false, message: 'Too many requests' });
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
        expect(answer.headers['x-error-code']).toBe('TOO_MANY_REQUESTS');
      }
      expect((await strict.request('GET', '/', from('192.0.2.1'))).status).toBe(200);
      expect((await strict.request('GET', '/settings/user', { as: owner })).status).toBe(200);
      expect((await strict.request('GET', '/health')).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('is spent by preflights, which bring no token', async () => {
    const strict = await TestApp.start({ ...VARIABLES, CORS_ORIGINS: 'https://app.example.com' });
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' };
    const statuses: number[] = [];
    for (const path of ['/', '/settings/user', '/nothing', '/settings/user', '/', '/', '/settings/user']) {
      statuses.push((await strict.request('OPTIONS', path, { headers })).status);
    }
    await strict.close();
    expect(statuses).toStrictEqual([204, 204, 204, 204, 204, 429, 429]);
  });

  it('is six thousand a minute unless told otherwise', async () => {
    const app = await TestApp.start();
    const { headers } = await app.request('GET', '/');
    await app.close();
    expect(headers['ratelimit-policy']).toBe('"address";q=6000;w=60');
  });

  it.runIf(HAS_REDIS)('is one for all instances that share a Redis', async () => {
    const one = await TestApp.start({ ...VARIABLES, REDIS_URL });
    const another = await TestApp.start({ ...VARIABLES, REDIS_URL }, one.database);
    const address = `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}::1`;
    const statuses: number[] = [];
    for (const service of [one, another, one, another, one, another, one]) {
      statuses.push((await service.request('GET', '/', from(address))).status);
    }
    await another.close();
    await one.close();
    expect(statuses).toStrictEqual([200, 200, 200, 200, 200, 429, 429]);
  });

  it('believes what trusted proxies say, and nobody else', async () => {
    const strict = await TestApp.start(VARIABLES);
    const direct = await TestApp.start({ ...VARIABLES, TRUSTED_PROXIES: '' });
    const left = async (headers: Record<string, string>, service = strict) =>
      Number(/r=(\d+)/.exec(String((await requestAt(service.url, 'GET', '/', { headers })).headers['ratelimit']))?.[1]);
    try {
      expect(await left({ 'x-forwarded-for': '192.0.2.1' })).toBe(4);
      // What stands before it was sent by the caller, and what is behind it are our own proxies.
      expect(await left({ 'x-forwarded-for': '198.51.100.7, 192.0.2.1, 10.1.2.3' })).toBe(3);
      expect(await left({ forwarded: 'for=192.0.2.1;proto=https;by=10.0.0.1' })).toBe(2);
      expect(await left({ forwarded: 'For="[2001:db8:1:2::9]:4711", for=10.9.9.9' })).toBe(4);
      expect(await left({ 'x-forwarded-for': '2001:db8:1:2:ffff::1' })).toBe(3);
      expect(await left({ 'x-forwarded-for': '2001:db8:1:3::1' })).toBe(4);
      expect(await left({ 'x-forwarded-for': '192.0.2.200' }, direct)).toBe(4);
      expect(await left({ 'x-forwarded-for': '192.0.2.201' }, direct)).toBe(3);
    } finally {
      await direct.close();
      await strict.close();
    }
  });
});
