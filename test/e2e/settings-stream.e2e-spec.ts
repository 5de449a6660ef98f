import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { streamRequests } from './settings-streams.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start({ WATCH_PER_CALLER: '3' });
});
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const { open, put, refused, streams } = streamRequests(() => ({ app, organization }));

describe('GET /settings/stream', () => {
  it('begins with the versions as they are now', async () => {
    await put({ a: 1 });
    await app.request('PUT', `/organization/${organization.id}`, { as: organization.owner, body: { city: 'Oslo' } });
    const stream = await open(organization.user);
    const ready = await stream.until('ready');
    expect(stream.incoming.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(stream.incoming.headers['x-request-id']).toBeDefined();
    expect(stream.incoming.headers['content-encoding']).toBeUndefined();
    expect(ready.data).toStrictEqual({
      user: { version: '0' },
      organization: {
        id: organization.id,
        settings: { version: '1' },
        profile: { version: '1' },
        policy: { version: '0' },
      },
      system: { settings: { version: '0' }, policy: { version: '0' } },
    });
    expect(ready.id).toBeDefined();
    expect(stream.events).toHaveLength(1);
  });

  it('tells each new version of what the caller may read, with its entity tag', async () => {
    const as = organization.administrator;
    const stream = await open(as);
    await stream.until('ready');
    await put({ a: 1 });
    const settings = await stream.until('change', 1);
    await app.request('PUT', `/organization/${organization.id}`, { as: organization.owner, body: { city: 'Rome' } });
    const profile = await stream.until('change', 2);
    await app.request('PUT', '/settings/user', { as, body: { theme: 'dark' } });
    const user = await stream.until('change', 3);
    const tagOf = async (path: string) => (await app.request('GET', path, { as })).headers['etag'];
    expect([settings.data, profile.data, user.data]).toStrictEqual([
      {
        document: 'organization-settings',
        organizationId: organization.id,
        version: '1',
        etag: await tagOf('/settings/organization'),
      },
      {
        document: 'organization-profile',
        organizationId: organization.id,
        version: '1',
        etag: await tagOf(`/organization/${organization.id}`),
      },
      { document: 'user-settings', version: '1', etag: await tagOf('/settings/user') },
    ]);
    await app.request('PUT', '/settings/user', { as: organization.owner, body: { not: 'yours' } });
    await put({ b: 1 }, await anOrganization(app.dataSource));
    await sleep(1_500);
    expect(stream.of('change')).toHaveLength(3);
  });

  it('tells of changes that another instance made', async () => {
    const other = await TestApp.start({}, app.database);
    try {
      const stream = await open(organization.user, {}, other);
      await stream.until('ready');
      await put({ a: 1 });
      expect((await stream.until('change')).data).toMatchObject({ version: '1' });
    } finally {
      for (const stream of streams) stream.close();
      await other.close();
    }
  });

  it('goes on from Last-Event-ID, on any instance, and tells at once what is newer', async () => {
    const first = await open(organization.user);
    await first.until('ready');
    await put({ a: 1 });
    await first.until('change');
    first.close();
    await put({ a: 2 });
    await put({ a: 3 });
    const other = await TestApp.start({ WATCH_POLL_MS: '60000' }, app.database);
    try {
      const second = await open(organization.user, { 'last-event-id': first.lastId! }, other);
      expect((await second.until('ready')).data).toMatchObject({ organization: { settings: { version: '3' } } });
      expect((await second.until('change')).data).toMatchObject({ version: '3' });
      const third = await open(organization.user, { 'last-event-id': second.lastId! }, other);
      await third.until('ready');
      await sleep(300);
      expect([second.of('change').length, third.of('change').length]).toStrictEqual([1, 0]);
    } finally {
      for (const stream of streams) stream.close();
      await other.close();
    }
  });

  it('shows a user without an organization their own settings', async () => {
    const loner = await aUser(app.dataSource);
    const stream = await open(loner);
    expect((await stream.until('ready')).data).toStrictEqual({ user: { version: '0' } });
    await app.request('PUT', '/settings/user', { as: loner, body: { a: 1 } });
    expect((await stream.until('change')).data).toMatchObject({ document: 'user-settings', version: '1' });
  });

  it('shows a service account what its scopes allow of the organization that it names', async () => {
    const about = { 'x-organization-id': organization.id };
    const reader = await open(await aService(app.dataSource, ['settings:read']), about);
    expect((await reader.until('ready')).data).toStrictEqual({
      organization: { id: organization.id, settings: { version: '0' }, policy: { version: '0' } },
      system: { settings: { version: '0' }, policy: { version: '0' } },
    });
    const profiles = await open(await aService(app.dataSource, ['organization:read']), about);
    expect((await profiles.until('ready')).data).toStrictEqual({
      organization: { id: organization.id, profile: { version: '0' } },
    });
    await put({ a: 1 });
    await app.request('PUT', `/organization/${organization.id}`, { as: organization.owner, body: { city: 'Bern' } });
    await profiles.until('change');
    await sleep(1_200);
    expect(reader.of('change').map(({ data }) => data['document'])).toStrictEqual(['organization-settings']);
    expect(profiles.of('change').map(({ data }) => data['document'])).toStrictEqual(['organization-profile']);
  });

  it('sends a comment every 15 s', { timeout: 40_000 }, async () => {
    const stream = await open(organization.user);
    await stream.until('ready');
    await stream.untilTrue(() => stream.blocks.includes(':'), 'a comment', 17_000);
  });

  it('is refused with 401, 404, 403, 400 and 406', async () => {
    expect((await app.request('GET', '/settings/stream')).status).toBe(401);
    const bound = await aService(app.dataSource, ['settings:read'], { organizationId: organization.id });
    const elsewhere = { 'x-organization-id': (await anOrganization(app.dataSource)).id };
    const writer = await aService(app.dataSource, ['settings:write']);
    const json = { accept: 'application/json' };
    const wrongId = { 'last-event-id': 'x' };
    const answers = await Promise.all([
      refused('nobody-knows-me', json),
      refused(await aUser(app.dataSource, { deletedAt: new Date() }), json),
      refused(bound, elsewhere),
      refused(bound, { 'x-organization-id': 'acme' }),
      refused(bound),
      refused(writer, json),
      refused(organization.user, json),
      refused(organization.user, wrongId),
      refused(organization.user, { 'last-event-id': 't1795780000000' }),
    ]);
    expect(answers.map(({ status, headers }) => [status, headers['x-error-code']])).toStrictEqual([
      [404, 'USER_NOT_FOUND'],
      [404, 'USER_NOT_FOUND'],
      [404, 'NOT_ASSOCIATED'],
      [404, 'NOT_ASSOCIATED'],
      [400, 'ORGANIZATION_REQUIRED'],
      [403, 'INSUFFICIENT_SCOPE'],
      [406, 'NOT_ACCEPTABLE'],
      [400, 'INVALID_INPUT'],
      [400, 'INVALID_INPUT'],
    ]);
    expect(answers[6].body).toStrictEqual({
      success: false,
      message: 'Not acceptable',
      error: 'the reply is text/event-stream',
    });
  });

  it('has so many places for a caller, and gives them back', async () => {
    for (let n = 0; n < 3; n++) await (await open(organization.user)).until('ready');
    const { status, headers } = await refused(organization.user);
    expect([status, headers['x-error-code']]).toStrictEqual([429, 'TOO_MANY_WATCHERS']);
    streams.pop()!.close();
    await sleep(200);
    await (await open(organization.user)).until('ready');
  });

  it('answers HEAD without a stream', async () => {
    const { status, headers, text } = await app.request('HEAD', '/settings/stream', { as: organization.user });
    expect([status, headers['content-type'], text]).toStrictEqual([200, 'text/event-stream', '']);
  });

  it('is no part of the duration in the metrics, and counts as a watcher', async () => {
    const metric = async (series: string) =>
      Number(
        (await app.request('GET', '/metrics')).text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length + 1) ?? 0,
      );
    const sum = 'http_request_duration_seconds_sum{method="GET",route="/settings/stream",status="499"}';
    const before = await metric(sum);
    const told = await metric('settings_notifications_total{source="own"}');
    const stream = await open(organization.user);
    await stream.until('ready');
    expect(await metric('settings_watchers{kind="stream"}')).toBeGreaterThan(0);
    await put({ a: 1 });
    await stream.until('change');
    expect(await metric('settings_notifications_total{source="own"}')).toBe(told + 1);
    await sleep(1_500);
    stream.close();
    await sleep(200);
    expect((await metric(sum)) - before).toBeLessThan(1);
    expect(await metric('settings_watchers{kind="stream"}')).toBe(0);
  });
});

describe('a stream of all organizations', () => {
  it('tells of each, whoever changed it, and goes on from a time', async () => {
    const service = await aService(app.dataSource, ['settings:read', 'organization:read']);
    await put({ before: 1 });
    const stream = await open(service);
    const ready = await stream.until('ready');
    expect(ready.data).toStrictEqual({});
    expect(ready.id).toMatch(/^t\d+$/);
    const other = await TestApp.start({}, app.database);
    const second = await anOrganization(app.dataSource);
    try {
      await put({ a: 1 });
      await other.request('PUT', '/settings/organization', { as: second.owner, body: { a: 1 } });
      await other.request('PUT', `/organization/${second.id}`, { as: second.owner, body: { city: 'Oslo' } });
      await stream.until('change', 3);
      const told = stream.of('change').map(({ data }) => [data['organizationId'], data['document'], data['version']]);
      const expected = [
        [organization.id, 'organization-settings', '2'],
        [second.id, 'organization-settings', '1'],
        [second.id, 'organization-profile', '1'],
      ];
      expect(told.sort()).toStrictEqual(expected.sort());
      stream.close();
      await put({ a: 2 });
      const resumed = await open(service, { 'last-event-id': stream.lastId! }, other);
      await resumed.untilTrue(
        () =>
          resumed
            .of('change')
            .some(({ data }) => data['organizationId'] === organization.id && data['version'] === '3'),
        'what was missed',
      );
      const profiles = await open(await aService(app.dataSource, ['organization:read']), {}, other);
      await profiles.until('ready');
      await other.request('PUT', `/organization/${second.id}`, { as: second.owner, body: { city: 'Bern' } });
      await put({ a: 4 });
      await resumed.untilTrue(() => resumed.of('change').some(({ data }) => data['version'] === '4'), 'the last');
      await profiles.until('change');
      await sleep(1_200);
      expect(profiles.of('change').map(({ data }) => [data['document'], data['version']])).toStrictEqual([
        ['organization-profile', '2'],
      ]);
    } finally {
      for (const open of streams) open.close();
      await other.close();
    }
  });

  it('ends when the account is one of a single organization now', async () => {
    const service = await aService(app.dataSource, ['settings:read']);
    const stream = await open(service);
    await stream.until('ready');
    await app.dataSource.query('update service_accounts set organization_id = $2 where id = $1', [
      service,
      organization.id,
    ]);
    await put({ a: 1 });
    expect((await stream.until('end')).data).toStrictEqual({ reason: 'forbidden' });
  });
});
