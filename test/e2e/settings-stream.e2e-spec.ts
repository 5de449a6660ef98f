import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Member } from '../../src/organization/member.entity.js';
import { Organization } from '../../src/organization/organization.entity.js';
import { User } from '../../src/user/user.entity.js';
import { TestApp } from '../support/app.js';
import { EventStream } from '../support/event-stream.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { Role } from '../../src/auth/role.js';

let app: TestApp;
let organization: TestOrganization;
const streams: EventStream[] = [];

beforeAll(async () => {
  app = await TestApp.start({ WATCH_PER_CALLER: '3' });
});
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});
afterAll(() => app.close());

async function open(as: string, headers: Record<string, string> = {}, of = app, seconds = 60): Promise<EventStream> {
  const stream = await EventStream.open(of.url, of.tokenFor(as, seconds), headers);
  streams.push(stream);
  return stream;
}

const put = (body: object, { owner } = organization) =>
  app.request('PUT', '/settings/organization', { as: owner, body });

const refused = (as: string, headers: Record<string, string> = {}) =>
  app.request('GET', '/settings/stream', { as, headers });

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

describe('a stream ends for good', () => {
  const expectEnd = async (stream: EventStream, reason: string, patienceMs?: number) => {
    const end = await stream.until('end', 1, patienceMs);
    expect(end.data).toStrictEqual({ reason });
    await stream.untilClosed();
    expect(stream.events.at(-1)).toBe(end);
  };

  it('when the token expires', async () => {
    const stream = await open(organization.user, {}, app, 2);
    await expectEnd(stream, 'token-expired');
  });

  it('when the token expired a moment before, as far as clocks may be off', async () => {
    const stream = await open(organization.user, {}, app, -2);
    await expectEnd(stream, 'token-expired');
    const another = await open(organization.user);
    await another.until('ready');
  });

  it('when the membership has ended, and the change is not told', async () => {
    const stream = await open(organization.user);
    await stream.until('ready');
    const gone = { organizationId: organization.id, userId: organization.user };
    await app.dataSource.getRepository(Member).update(gone, { deletedAt: new Date() });
    await put({ a: 1 });
    await expectEnd(stream, 'forbidden');
    expect(stream.of('change')).toHaveLength(0);
  });

  it('when the user is in another organization now', async () => {
    const moving = await aMember(app.dataSource, organization.id, Role.USER);
    const stream = await open(moving);
    await stream.until('ready');
    const other = await anOrganization(app.dataSource);
    const { dataSource } = app;
    await dataSource
      .getRepository(Member)
      .update({ organizationId: organization.id, userId: moving }, { deletedAt: new Date() });
    await dataSource.getRepository(User).update({ id: moving }, { organizationId: other.id });
    await dataSource.getRepository(Member).insert({ organizationId: other.id, userId: moving, role: Role.USER });
    await put({ a: 1 });
    await expectEnd(stream, 'moved');
  });

  it.each([
    ['has lost the scope', (id: string) => app.admin('set-scopes', '--service', id, '--scopes', 'settings:write')],
    ['was deleted', (id: string) => app.admin('delete-service', '--service', id)],
  ])('when the service account %s', async (_, change) => {
    const service = await aService(app.dataSource, ['settings:read']);
    const stream = await open(service, { 'x-organization-id': organization.id });
    await stream.until('ready');
    await change(service);
    await put({ a: 1 });
    await expectEnd(stream, 'forbidden');
  });

  it('within 30 s where nothing happens', { timeout: 50_000 }, async () => {
    const [deleted, service] = [await aUser(app.dataSource), await aService(app.dataSource, ['settings:read'])];
    const [user, ofService] = [
      await open(deleted, {}, app, 120),
      await open(service, { 'x-organization-id': organization.id }, app, 120),
    ];
    await Promise.all([user.until('ready'), ofService.until('ready')]);
    await app.dataSource.getRepository(User).update({ id: deleted }, { deletedAt: new Date() });
    await app.dataSource.getRepository(Organization).update({ id: organization.id }, { deletedAt: new Date() });
    await Promise.all([expectEnd(user, 'forbidden', 35_000), expectEnd(ofService, 'forbidden', 35_000)]);
  });
});

describe('when the instance stops', () => {
  it('streams end within 3 s, at different times, and come back at different times', async () => {
    const stopping = await TestApp.start({ WATCH_PER_CALLER: '100' }, app.database);
    const open: EventStream[] = [];
    for (let n = 0; n < 40; n++) {
      open.push(await EventStream.open(stopping.url, stopping.tokenFor(organization.user)));
    }
    await Promise.all(open.map((stream) => stream.until('ready')));
    const since = performance.now();
    const ended: number[] = [];
    const closed = stopping.close();
    await Promise.all(open.map((stream) => stream.untilClosed().then(() => ended.push(performance.now() - since))));
    await closed;
    expect(Math.max(...ended)).toBeLessThan(3_500);
    expect(Math.max(...ended) - Math.min(...ended)).toBeGreaterThan(1_000);
    const retries = open.map((stream) => Number(/^retry: (\d+)$/.exec(stream.blocks.at(-1) ?? '')?.[1]));
    for (const retry of retries) {
      expect(retry).toBeGreaterThanOrEqual(500);
      expect(retry).toBeLessThanOrEqual(4_000);
    }
    expect(new Set(retries).size).toBeGreaterThan(20);
    expect(open.flatMap((stream) => stream.of('end'))).toStrictEqual([]);
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
