import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { HAS_REDIS, REDIS_URL } from '../support/redis.js';
import { Role } from '../../src/auth/role.js';

let apps: TestApp[] = [];
let organization: TestOrganization;

afterEach(async () => {
  for (const app of apps.toReversed()) await app.close();
  apps = [];
});

async function start(variables: Record<string, string>, beside?: TestApp): Promise<TestApp> {
  const app = await TestApp.start(variables, beside?.database);
  apps.push(app);
  if (beside === undefined) organization = await anOrganization(app.dataSource);
  return app;
}

const get = (app: TestApp, as: string, path = '/settings/user') => app.request('GET', path, { as });
const statuses = (answers: Answer[]) => answers.map(({ status }) => status);
const times = (count: number, ask: () => Promise<Answer>) => Promise.all(Array.from({ length: count }, ask));

describe('the limit of a caller', () => {
  it('lets so many requests pass in a minute, and says what is left', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '3', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' });
    const first = await get(app, organization.user);
    expect(first.status).toBe(200);
    expect(first.headers['ratelimit-policy']).toBe('"caller";q=3;w=60');
    expect(first.headers['ratelimit']).toMatch(/^"caller";r=2;t=(60|59)$/);
    expect(first.headers['retry-after']).toBeUndefined();
    await get(app, organization.user);
    await get(app, organization.user);
    const refused = await get(app, organization.user);
    expect(refused.status).toBe(429);
    expect(refused.body).toStrictEqual({
      success: false,
      message: 'Too many requests',
      error: 'at most 3 requests a minute are allowed for each caller',
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit']).toMatch(/^"caller";r=0;t=\d+$/);
    const profile = await get(app, organization.user, `/organization/${organization.id}`);
    expect(profile.status).toBe(429);
    expect(profile.body).toStrictEqual({ success: false, data: null, message: 'Too many requests' });
    expect((await get(app, organization.owner)).status).toBe(200);
  });

  it('changes nothing when it refuses, and counts what is refused for other reasons', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '2' });
    const as = organization.user;
    expect((await app.request('PUT', '/settings/organization', { as, body: { a: 1 } })).status).toBe(403);
    expect((await app.request('PUT', '/settings/user', { as, body: 'malformed' })).status).toBe(400);
    expect((await app.request('PUT', '/settings/user', { as, body: { a: 1 } })).status).toBe(429);
    const [{ rows }] = await app.dataSource.query<[{ rows: number }]>(
      'select count(*)::integer as rows from user_settings where user_id = $1',
      [as],
    );
    expect(rows).toBe(0);
  });

  it('asks nobody without a token, and is no matter for the public routes', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '1' });
    expect(statuses(await times(4, () => app.request('GET', '/settings/user')))).toStrictEqual([401, 401, 401, 401]);
    const health = await times(3, () => app.request('GET', '/health'));
    expect(statuses(health)).toStrictEqual([200, 200, 200]);
    expect(health[0]!.headers['ratelimit']).toBeUndefined();
  });

  it('is off at 0', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' });
    const answer = await get(app, organization.user, '/settings/organization');
    expect(answer.headers['ratelimit']).toBeUndefined();
    expect(answer.headers['ratelimit-policy']).toBeUndefined();
  });
});

describe('the limit of one service account', () => {
  const aLimited = (app: TestApp, rateLimitPerMinute: number | null) =>
    aService(app.dataSource, ['settings:read'], { rateLimitPerMinute });
  const getAs = (app: TestApp, as: string) =>
    app.request('GET', '/settings/organization', { as, headers: { 'x-organization-id': organization.id } });
  const inTurn = async (app: TestApp, as: string, count: number) => {
    const answers: Answer[] = [];
    for (let n = 0; n < count; n++) answers.push(await getAs(app, as));
    return answers;
  };

  it('may be above or below that of all callers, or none', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '3' });
    const higher = await inTurn(app, await aLimited(app, 5), 6);
    expect(statuses(higher)).toStrictEqual([200, 200, 200, 200, 200, 429]);
    expect(higher[1]!.headers['ratelimit-policy']).toMatch(/^"caller";q=5;w=60,/);
    expect(higher[5]!.body).toMatchObject({ error: 'at most 5 requests a minute are allowed for each caller' });
    expect(statuses(await inTurn(app, await aLimited(app, 2), 3))).toStrictEqual([200, 200, 429]);
    expect(statuses(await inTurn(app, await aLimited(app, null), 4))).toStrictEqual([200, 200, 200, 429]);
    const unlimited = await inTurn(app, await aLimited(app, 0), 5);
    expect(statuses(unlimited)).toStrictEqual([200, 200, 200, 200, 200]);
    const ofAUser = await times(4, () => get(app, organization.user));
    expect(statuses(ofAUser).toSorted()).toStrictEqual([200, 200, 200, 429]);
  });

  it('holds also where there is none for the others', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '0' });
    const as = await aLimited(app, 1);
    expect(statuses(await inTurn(app, as, 3))).toStrictEqual([200, 200, 429]);
  });

  it('is known before an instance refuses, with one look for all who come at once', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '1' });
    const as = await aLimited(app, 8);
    const answers = await times(12, () => getAs(app, as));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
  });

  it('is read with no statement of its own', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '100' });
    const as = await aLimited(app, 50);
    await inTurn(app, as, 2);
    const before = app.recording.statements.length;
    await inTurn(app, as, 5);
    expect(app.recording.statements.length - before).toBe(5);
  });
});

describe('the limit of an organization', () => {
  it('is one for all its members, and nobody else uses it up', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '100', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '3' });
    const other = await anOrganization(app.dataSource);
    const stranger = await aUser(app.dataSource);
    const path = `/organization/${organization.id}`;
    for (const as of [other.owner, stranger]) {
      expect(statuses(await times(5, () => get(app, as, path)))).toStrictEqual([403, 403, 403, 403, 403]);
    }
    const first = await get(app, organization.user, path);
    expect(first.headers['ratelimit-policy']).toBe('"caller";q=100;w=60, "organization";q=3;w=60');
    expect(first.headers['ratelimit']).toMatch(/^"caller";r=99;t=\d+, "organization";r=2;t=\d+$/);
    expect((await get(app, organization.owner, '/settings/organization')).status).toBe(200);
    expect((await get(app, organization.billing, '/settings/organization')).status).toBe(200);
    const member = await aMember(app.dataSource, organization.id, Role.USER);
    const refused = await get(app, member, '/settings/organization');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ error: 'at most 3 requests a minute are allowed for each organization' });
    expect((await get(app, other.user, '/settings/organization')).status).toBe(200);
  });

  it('is one however its id is spelled, and not for what belongs to a user', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '100', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '2' });
    const left = async (path: string) => (await get(app, organization.user, path)).headers['ratelimit'];
    expect(await left(`/organization/${organization.id}`)).toMatch(/"organization";r=1;/);
    expect(await left('/settings/user')).not.toContain('organization');
    expect(await left(`/organization/${organization.id.toUpperCase()}`)).toMatch(/"organization";r=0;/);
    expect((await get(app, organization.user, `/organization/${organization.id}`)).status).toBe(429);
  });
});

describe.runIf(HAS_REDIS)('limits in Redis', () => {
  it('count for all instances together', async () => {
    const variables = { REDIS_URL, RATE_LIMIT_PER_MINUTE: '4', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' };
    const one = await start(variables);
    const another = await start(variables, one);
    const as = await aUser(one.dataSource, { id: `rate-limit-test-${randomUUID()}` });
    const answers = await Promise.all([one, another, one, another, one, another].map((app) => get(app, as)));
    expect(statuses(answers).toSorted()).toStrictEqual([200, 200, 200, 200, 429, 429]);
  });
});

describe.runIf(HAS_REDIS)('the limit of one service account in Redis', () => {
  it('holds on an instance that has not seen it yet', async () => {
    const variables = { REDIS_URL, RATE_LIMIT_PER_MINUTE: '2', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' };
    const one = await start(variables);
    const another = await start(variables, one);
    const id = `rate-limit-test-${randomUUID()}`;
    const as = await aService(one.dataSource, ['settings:read'], { id, rateLimitPerMinute: 5 });
    const found: number[] = [];
    for (const app of [one, one, one, another, another, another]) {
      const headers = { 'x-organization-id': organization.id };
      found.push((await app.request('GET', '/settings/organization', { as, headers })).status);
    }
    expect(found).toStrictEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe('limits while Redis is away', () => {
  it('are none: everything passes, at once', async () => {
    const app = await start({ REDIS_URL: 'redis://127.0.0.1:9', RATE_LIMIT_PER_MINUTE: '1' });
    const begun = performance.now();
    const answers = await times(8, () => get(app, organization.user));
    expect(statuses(answers)).toStrictEqual(Array.from({ length: 8 }, () => 200));
    expect(answers[0]!.headers['ratelimit']).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('overload', () => {
  it.each([
    ['are', 'true'],
    ['are not', 'false'],
  ])('is turned away within a moment, and over with its cause, where statements %s shared', async (_, isShared) => {
    const limits = { DATABASE_QUEUE_SIZE: '3', DATABASE_POOL_SIZE: '3' };
    const app = await start({ ...limits, DATABASE_SHARED_STATEMENTS: isShared });
    await get(app, organization.user);
    const runner = app.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('lock table user_settings in access exclusive mode');
    const waiting: Promise<Answer>[] = [];
    // Some run already, and how many that are is not what is tested.
    for (let refused = false; !refused;) {
      const answer = get(app, organization.user);
      refused = (await Promise.race([answer, sleep(500, undefined)]))?.status === 503;
      if (!refused) waiting.push(answer);
    }
    expect(waiting.length).toBeGreaterThanOrEqual(3);
    const begun = performance.now();
    const refused = await app.request('PUT', '/settings/user', { as: organization.user, body: { a: 1 } });
    expect(refused.status).toBe(503);
    expect(refused.body).toStrictEqual({
      success: false,
      message: 'Service unavailable',
      error: 'too many requests are waiting for the database',
    });
    expect(refused.headers['retry-after']).toBe('1');
    const profile = await app.request('GET', `/organization/${organization.id}`, { as: organization.user });
    expect(profile.body).toStrictEqual({ success: false, data: null, message: 'Service unavailable' });
    expect(performance.now() - begun).toBeLessThan(1_500);
    await runner.rollbackTransaction();
    await runner.release();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe(200);
    expect((await get(app, organization.user)).body).toStrictEqual({ success: true, settings: {} });
  });
});
