import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Member } from '../../src/organization/member.entity.js';
import { type Answer, type RequestOptions, requestAt, TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start({ WATCH_PER_CALLER: '3', WATCH_PER_ORGANIZATION: '8' });
});
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

/** A reply, and how long it took, in milliseconds. */
async function timed(answer: Promise<Answer>): Promise<Answer & { ms: number }> {
  const since = performance.now();
  return { ...(await answer), ms: performance.now() - since };
}

const metric = async (of: TestApp, series: string) =>
  Number(
    (await of.request('GET', '/metrics')).text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  );

const waiting = (of = app) => metric(of, 'settings_watchers{kind="waiting-read"}');

/** Resolves when so many reads wait. */
async function untilWaiting(count: number, of = app): Promise<void> {
  const end = performance.now() + 10_000;
  for (let found = await waiting(of); found !== count; found = await waiting(of)) {
    if (performance.now() > end) throw new Error(`After 10 s ${found} reads wait, and not ${count}`);
    await sleep(10);
  }
}

describe.each(SCOPES)('GET /settings/$scope with wait', ({ path, writer }) => {
  const put = (body: object) => app.request('PUT', path, { as: writer(organization), body });
  const read = (query: string, tag?: string, options: RequestOptions = {}) =>
    timed(
      app.request('GET', `${path}${query}`, {
        as: writer(organization),
        ...options,
        headers: { ...(tag !== undefined && { 'if-none-match': tag }), ...options.headers },
      }),
    );
  const tagNow = async () => (await read('')).headers['etag'] as string;

  it('answers as soon as the version is another', async () => {
    await put({ a: 1 });
    const tag = await tagNow();
    const answer = read('?wait=25', tag);
    await untilWaiting(1);
    const [, found] = await Promise.all([put({ a: 2 }), answer]);
    expect(found.status).toBe(200);
    expect(found.body).toStrictEqual({ success: true, settings: { a: 2 } });
    expect(found.headers['etag']).toBe(await tagNow());
    expect(found.ms).toBeLessThan(5_000);
    expect(await waiting()).toBe(0);
  });

  it('answers at once where there is something new already, or nothing that the caller has', async () => {
    await put({ a: 1 });
    const tag = await tagNow();
    await put({ a: 2 });
    for (const answer of [await read('?wait=25', tag), await read('?wait=25')]) {
      expect(answer.status).toBe(200);
      expect(answer.ms).toBeLessThan(5_000);
    }
  });

  it('answers 304 when the time is up', async () => {
    const { status, headers, ms } = await read('?wait=1', await tagNow());
    expect(status).toBe(304);
    expect(headers['retry-after']).toBeUndefined();
    expect(ms).toBeGreaterThan(990);
    expect(ms).toBeLessThan(5_000);
  });

  it('hears of a change that another instance made', async () => {
    const other = await TestApp.start({}, app.database);
    try {
      const tag = await tagNow();
      const answer = read('?wait=25', tag);
      await untilWaiting(1);
      await other.request('PUT', path, { as: writer(organization), body: { by: 'another' } });
      const found = await answer;
      expect(found.body).toStrictEqual({ success: true, settings: { by: 'another' } });
    } finally {
      await other.close();
    }
  });

  it('means the same by Prefer, and says what was done of it', async () => {
    const tag = await tagNow();
    const short = await read('', tag, { headers: { prefer: 'respond-async, wait=1' } });
    expect([short.status, short.headers['preference-applied']]).toStrictEqual([304, 'wait=1']);
    expect(short.ms).toBeGreaterThan(990);
    const answer = read('', tag, { headers: { prefer: 'wait=3600' } });
    await untilWaiting(1);
    await put({ long: true });
    expect((await answer).headers['preference-applied']).toBe('wait=60');
    for (const prefer of ['wait=0', 'wait=soon', 'return=minimal']) {
      const ignored = await read('', await tagNow(), { headers: { prefer } });
      expect([ignored.status, ignored.headers['preference-applied']]).toStrictEqual([304, undefined]);
      expect(ignored.ms).toBeLessThan(900);
    }
    const at = await read(`?at=${encodeURIComponent(new Date().toISOString())}`, undefined, {
      headers: { prefer: 'wait=5' },
    });
    expect([at.status, at.headers['preference-applied']]).toStrictEqual([200, undefined]);
  });

  it.each(['0', '61', '1.5', '-1', 'soon', ''])('refuses wait=%s', async (wait) => {
    const { status, body } = await read(`?wait=${wait}`, '"0"');
    expect(status).toBe(400);
    expect((body as { error: string }).error).toBe('wait must be a whole number of seconds from 1 to 60');
  });

  it('refuses wait with at', async () => {
    const { status, body } = await read('?wait=5&at=2026-11-21T12:00:00Z', '"0"');
    expect(status).toBe(400);
    expect((body as { error: string }).error).toBe('wait cannot be given with at');
  });

  it('has no statement and no connection while it waits', async () => {
    const tag = await tagNow();
    const quiet = await TestApp.start({ WATCH_POLL_MS: '60000', DATABASE_POOL_SIZE: '3' }, app.database);
    try {
      const answers = Array.from({ length: 8 }, () =>
        timed(quiet.request('GET', `${path}?wait=20`, { as: writer(organization), headers: { 'if-none-match': tag } })),
      );
      await untilWaiting(8, quiet);
      const { statements } = quiet.recording;
      await sleep(500);
      expect(quiet.recording.statements).toHaveLength(statements.length);
      const idle = await metric(quiet, 'database_pool_connections_idle');
      expect(await metric(quiet, 'database_pool_connections')).toBe(idle);
      const other = await quiet.request('PUT', path, { as: writer(organization), body: { meanwhile: 1 } });
      expect(other.status).toBe(200);
      for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    } finally {
      await quiet.close();
    }
  });

  it('is no part of the duration in the metrics', async () => {
    const sum = `http_request_duration_seconds_sum{method="GET",route="${path}",status="304"}`;
    const before = (await metric(app, sum)) || 0;
    await read('?wait=2', await tagNow());
    await sleep(50);
    expect((await metric(app, sum)) - before).toBeLessThan(1);
  });

  it('ends when its caller goes away', async () => {
    const tag = await tagNow();
    const leaving = httpRequest(`${app.url}${path}?wait=60`, {
      headers: { authorization: `Bearer ${app.tokenFor(writer(organization))}`, 'if-none-match': tag },
    });
    leaving.on('error', () => undefined).end();
    await untilWaiting(1);
    leaving.destroy();
    await untilWaiting(0);
  });

  it('waits no longer than the token is good for', async () => {
    const token = app.tokenFor(writer(organization), 2);
    const options = { headers: { 'if-none-match': await tagNow() } };
    const { status, ms } = await timed(requestAt(app.url, 'GET', `${path}?wait=30`, options, token));
    expect(status).toBe(304);
    expect(ms).toBeLessThan(5_000);
  });

  it('allows a caller so many at a time', async () => {
    const tag = await tagNow();
    const open = Array.from({ length: 3 }, () => read('?wait=5', tag));
    await untilWaiting(3);
    const refused = await read('?wait=5', tag);
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({ 'retry-after': '5', 'x-error-code': 'TOO_MANY_WATCHERS' });
    expect(refused.body).toMatchObject({
      message: 'Too many requests',
      error: 'at most 3 streams and waiting reads are allowed for each caller',
    });
    expect((await read('', tag)).status).toBe(304);
    await put({ enough: true });
    for (const { status } of await Promise.all(open)) expect(status).toBe(200);
  });
});

describe('who waits', () => {
  const PATH = '/settings/organization';
  const wait = (as: string, headers: Record<string, string> = {}, of = app) =>
    timed(of.request('GET', `${PATH}?wait=10`, { as, headers: { 'if-none-match': '"0"', ...headers } }));

  it('hears no more when the right to read has gone', async () => {
    const answer = wait(organization.user);
    await untilWaiting(1);
    await app.dataSource
      .getRepository(Member)
      .update({ organizationId: organization.id, userId: organization.user }, { deletedAt: new Date() });
    await app.request('PUT', PATH, { as: organization.owner, body: { secret: 1 } });
    const { status, text } = await answer;
    expect(status).toBe(404);
    expect(text).not.toContain('secret');
  });

  it('is told so when the time is up, and the right to read has gone', async () => {
    const as = organization.user;
    const { headers } = await app.request('GET', PATH, { as });
    const tag = { 'if-none-match': headers['etag'] as string };
    const answer = app.request('GET', `${PATH}?wait=3`, { as, headers: tag });
    await untilWaiting(1);
    const gone = { organizationId: organization.id, userId: as };
    await app.dataSource.getRepository(Member).update(gone, { deletedAt: new Date() });
    const { status, headers: refusal } = await answer;
    expect([status, refusal['x-error-code']]).toStrictEqual([404, 'NOT_ASSOCIATED']);
  });

  it('may be a service account, which has ten times as many places', async () => {
    const service = await aService(app.dataSource, ['settings:read']);
    const about = { 'x-organization-id': organization.id };
    const open = Array.from({ length: 8 }, () => wait(service, about));
    await untilWaiting(8);
    const [other, refused] = [await anOrganization(app.dataSource), await wait(service, about)];
    expect([refused.status, (refused.body as { error: string }).error]).toStrictEqual([
      429,
      'at most 8 streams and waiting reads are allowed for each organization',
    ]);
    const elsewhere = wait(service, { 'x-organization-id': other.id });
    await untilWaiting(9);
    for (const { id, owner } of [organization, other]) {
      await app.request('PUT', PATH, { as: owner, body: { id } });
    }
    for (const { status } of await Promise.all([...open, elsewhere])) expect(status).toBe(200);
  });

  it('is turned away where the instance has enough of them', async () => {
    const small = await TestApp.start({ WATCH_MAX: '1' }, app.database);
    try {
      const first = wait(organization.owner, {}, small);
      await untilWaiting(1, small);
      const refused = await wait(organization.user, {}, small);
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({ error: 'too many streams and waiting reads are open' });
      await small.request('PUT', PATH, { as: organization.owner, body: { a: 1 } });
      await first;
    } finally {
      await small.close();
    }
  });

  it('hears within 3 s that the instance stops, at different times, and when to come again', async () => {
    const stopping = await TestApp.start({ WATCH_PER_CALLER: '100' }, app.database);
    const answers = Array.from({ length: 40 }, () => wait(organization.owner, {}, stopping));
    await untilWaiting(40, stopping);
    const since = performance.now();
    const ended: number[] = [];
    for (const answer of answers) void answer.then(() => ended.push(performance.now() - since));
    const closed = stopping.close();
    for (const { status, headers } of await Promise.all(answers)) {
      expect(status).toBe(304);
      expect(headers['retry-after']).toMatch(/^[123]$/);
      expect(headers['connection']).toBe('close');
    }
    await closed;
    expect(Math.max(...ended)).toBeLessThan(3_500);
    expect(Math.max(...ended) - Math.min(...ended)).toBeGreaterThan(1_000);
  });
});
