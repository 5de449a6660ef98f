import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, type TestOrganization } from '../../test/support/factories.js';
import { Wire } from '../../test/support/wire.js';
import { FlashbackClient, type FlashbackClientOptions } from '../src/index.js';
import {
  type FollowedVersion,
  followVersions,
  liveOrganizations,
  liveSettings,
  watchOrganizations,
} from '../src/live.js';
import { answer, AServer, rejectionOf } from './a-server.js';

/** Watching through the client, on the real service over a wire that is cut and mended. */

let app: TestApp;
let wire: Wire;
let organization: TestOrganization;
let controller: AbortController;

beforeAll(async () => {
  app = await TestApp.start({ WATCH_PER_CALLER: '200' });
  wire = new Wire(app.url);
  await wire.mend();
});
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  controller = new AbortController();
});
afterAll(async () => {
  await wire.cut();
  await app.close();
});

/** @param options a `baseUrl` for what is not over the wire */
const clientOf = (as: string, options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({
    accessToken: () => app.tokenFor(as),
    baseUrl: wire.through(app.url).replace(/\/$/, ''),
    attemptTimeoutMs: 2_000,
    retries: 0,
    ...options,
  });

const put = (body: object, of = organization) => app.request('PUT', '/settings/organization', { as: of.owner, body });

async function until(isTrue: () => boolean, patienceMs = 20_000): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('It did not come true');
    await sleep(10);
  }
}

describe('watch()', () => {
  it('yields the document now, and again whenever it changes, nothing twice, until it is aborted', async () => {
    await put({ n: 0 });
    const seen: unknown[] = [];
    const { signal } = controller;
    for await (const { settings, version } of clientOf(organization.user).settings.organization.watch({ signal })) {
      seen.push([settings, version]);
      if (seen.length === 4) controller.abort();
      else void sleep(50).then(() => put({ n: seen.length }));
    }
    expect(seen).toStrictEqual([0, 1, 2, 3].map((n) => [{ n }, n + 1]));
  });

  it('goes on when the network comes back, from the version that it had', async () => {
    await put({ n: 0 });
    const seen: number[] = [];
    const { signal } = controller;
    const watching = (async () => {
      for await (const { version } of clientOf(organization.user).settings.organization.watch({ signal })) {
        seen.push(version);
      }
    })();
    await until(() => seen.length === 1);
    await wire.cut();
    await put({ n: 1 });
    await put({ n: 2 });
    await sleep(500);
    await wire.mend();
    await until(() => seen.length === 2);
    await put({ n: 3 });
    await until(() => seen.length === 3);
    controller.abort();
    await watching;
    expect(seen).toStrictEqual([1, 3, 4]);
  });

  it('throws what cannot be cured', async () => {
    const watch = (client: FlashbackClient) => rejectionOf(client.settings.organization.watch().next());
    expect(await watch(clientOf('nobody-knows-me'))).toMatchObject({ code: 'not_found' });
    expect(await watch(clientOf('x', { accessToken: 'x.y.z' }))).toMatchObject({ code: 'unauthorized' });
    const writer = await aService(app.dataSource, ['settings:write']);
    expect(await watch(clientOf(writer, { organizationId: organization.id }))).toMatchObject({ code: 'forbidden' });
  });

  it('tries again where rubbish comes, and asks calmly where nothing may wait', async () => {
    const rubbish = await AServer.start(
      answer(200, '<html>Sign in to the Wi-Fi</html>'),
      answer(502, 'Bad gateway'),
      answer(503, {}, { 'retry-after': '0' }),
      answer(200, { success: true, settings: { a: 1 } }, { etag: '"7-abcdefgh"' }),
      answer(304, '', { etag: '"7-abcdefgh"' }),
      answer(200, { success: true, settings: { a: 2 } }, { etag: '"8-abcdefgh"' }),
    );
    try {
      const { signal } = controller;
      const seen: number[] = [];
      const client = clientOf(organization.user, { baseUrl: rubbish.url });
      const since = performance.now();
      for await (const { version } of client.settings.user.watch({ signal })) {
        seen.push(version);
        if (version === 8) controller.abort();
      }
      expect(seen).toStrictEqual([7, 8]);
      expect(performance.now() - since).toBeGreaterThan(500);
      expect(rubbish.received[5]!.url).toBe('/settings/user?wait=25');
      expect(rubbish.received[5]!.headers['if-none-match']).toBe('"7-abcdefgh"');
    } finally {
      await rubbish.close();
    }
  });
});

describe('liveSettings()', () => {
  it('is a copy that is kept current, and tells of changes', async () => {
    await put({ security: { requireMFA: true, 'a.b': 1 }, 'x.y': 2, list: [1] });
    const as = organization.user;
    await app.request('PUT', '/settings/user', { as, body: { theme: 'dark' } });
    const live = await liveSettings(clientOf(as), controller);
    expect(live.organization.get('security.requireMFA')).toBe(true);
    expect(live.organization.get('security.a\\.b')).toBe(1);
    expect(live.organization.get('x.y')).toBe(2);
    expect(live.organization.get('list.0')).toBeUndefined();
    expect(live.organization.get('constructor')).toBeUndefined();
    expect(live.user.get('theme')).toBe('dark');
    expect(live.staleForMs).toBe(0);
    const changes: unknown[] = [];
    const off = live.on('change', (change) => changes.push(change));
    await put({ security: { requireMFA: false } });
    await until(() => live.organization.get('security.requireMFA') === false);
    await app.request('PUT', '/settings/user', { as, body: { theme: 'light' } });
    await until(() => live.user.get('theme') === 'light');
    expect(changes).toStrictEqual([
      { document: 'organization', version: 2 },
      { document: 'user', version: 2 },
    ]);
    off();
    await put({ again: true });
    await until(() => live.organization.get('again') === true);
    expect(changes).toHaveLength(2);
    live.close();
    await put({ again: false });
    await sleep(300);
    expect(live.organization.get('again')).toBe(true);
    expect(live.staleForMs).toBeGreaterThan(0);
  });

  it('serves the last copy while the service is away, says so, and catches up', async () => {
    await put({ n: 1 });
    const live = await liveSettings(clientOf(organization.user), controller);
    await wire.cut();
    await put({ n: 2 });
    await sleep(1_000);
    expect(live.organization.get('n')).toBe(1);
    expect(live.staleForMs).toBeGreaterThan(500);
    await wire.mend();
    await until(() => live.organization.get('n') === 2);
    await until(() => live.staleForMs === 0);
    live.close();
  });

  it('notices a connection on which nothing comes any more', { timeout: 90_000 }, async () => {
    await put({ n: 1 });
    const live = await liveSettings(clientOf(organization.user), controller);
    wire.silence();
    await put({ n: 2 });
    await until(() => live.staleForMs > 0, 30_000);
    await until(() => live.organization.get('n') === 2, 60_000);
    live.close();
  });

  it('begins when the service is there, and may be given up before', async () => {
    await put({ n: 1 });
    await wire.cut();
    const opening = liveSettings(clientOf(organization.user), controller);
    const givenUp = rejectionOf(liveSettings(clientOf(organization.user), { signal: AbortSignal.timeout(200) }));
    expect(await givenUp).toMatchObject({ name: 'TimeoutError' });
    await wire.mend();
    const live = await opening;
    expect(live.organization.get('n')).toBe(1);
    live.close();
  });

  it('ends with an error when the right to read has gone', async () => {
    expect(await rejectionOf(liveSettings(clientOf('nobody-knows-me')))).toMatchObject({ code: 'not_found' });
    const service = await aService(app.dataSource, ['settings:read']);
    const live = await liveSettings(clientOf(service, { organizationId: organization.id }), controller);
    const error = new Promise((resolve) => live.on('error', resolve));
    await app.admin('set-scopes', '--service', service, '--scopes', 'settings:write');
    await put({ secret: true });
    expect(await error).toMatchObject({ code: 'forbidden' });
    expect(live.organization.get('secret')).toBeUndefined();
    expect(live.staleForMs).toBeGreaterThan(0);
  });

  it('tries again where rubbish comes in the place of a stream', async () => {
    const sse = { 'content-type': 'text/event-stream' };
    const rubbish = await AServer.start(
      answer(200, '<html></html>', { 'content-type': 'text/html' }),
      answer(200, 'event: ready\ndata: no JSON\n\n', sse),
      answer(200, 'nothing of use', sse),
      answer(200, `retry: 10\nevent: ready\r\ndata: {"user":{"version":"3"}}\r\n\r\n`, sse),
      answer(200, { success: true, settings: { a: 1 } }, { etag: '"3-abcdefgh"' }),
      () => undefined,
    );
    const live = await liveSettings(clientOf(organization.user, { baseUrl: rubbish.url }), controller);
    expect(live.user.get('a')).toBe(1);
    live.close();
    await rubbish.close();
  });

  it('reads in nanoseconds', async () => {
    await put({ security: { requireMFA: true } });
    const live = await liveSettings(clientOf(organization.user), controller);
    const times = 1_000_000;
    const since = performance.now();
    let found = 0;
    for (let n = 0; n < times; n++) if (live.organization.get('security.requireMFA') === true) found++;
    const ns = ((performance.now() - since) / times) * 1e6;
    expect(found).toBe(times);
    expect(ns).toBeLessThan(2_000);
    live.close();
  });
});

describe('followVersions()', () => {
  it('tells which versions there are, and of each new one, also after a break', async () => {
    await put({ n: 1 });
    const told: Record<string, number> = {};
    const owners = new Set<string>();
    const connections: boolean[] = [];
    const listener = {
      onVersions: (versions: readonly FollowedVersion[]) => {
        for (const { document, version, organizationId } of versions) {
          told[document] = version;
          owners.add(`${document} ${organizationId}`);
        }
      },
      onConnection: (isConnected: boolean) => connections.push(isConnected),
    };
    const following = followVersions(clientOf(organization.user), listener, controller.signal);
    await until(() => told['organization-settings'] === 1);
    expect(Object.keys(told).sort()).toStrictEqual([
      'organization-policy',
      'organization-profile',
      'organization-settings',
      'system-policy',
      'system-settings',
      'user-settings',
    ]);
    const profile = told['organization-profile']!;
    const as = organization.owner;
    await app.request('PUT', `/organization/${organization.id}`, { as, body: { city: 'Reykjavik' } });
    await app.request('POST', '/settings/organization/policy', { as, body: { policy: { locks: { '/a': {} } } } });
    await until(() => told['organization-profile'] === profile + 1 && told['organization-policy'] === 1);
    await wire.cut();
    await put({ n: 2 });
    await until(() => connections.includes(false));
    await wire.mend();
    await until(() => told['organization-settings'] === 2);
    controller.abort();
    await following;
    expect([...owners].sort()).toStrictEqual([
      `organization-policy ${organization.id}`,
      `organization-profile ${organization.id}`,
      `organization-settings ${organization.id}`,
      'system-policy undefined',
      'system-settings undefined',
      'user-settings undefined',
    ]);
  });

  it('ends with an error where nobody may watch', async () => {
    const { signal } = controller;
    const following = followVersions(clientOf('nobody-knows-me'), { onVersions: () => undefined }, signal);
    expect(await rejectionOf(following)).toMatchObject({ code: 'not_found' });
  });
});

describe('of all organizations', () => {
  it('list() and batch() bring what there is', async () => {
    const client = clientOf(await aService(app.dataSource, ['settings:read', 'organization:read']));
    await put({ a: 1 });
    const { organizations } = await client.organizations.list({ limit: 1000 });
    expect(organizations.map(({ id }) => id)).toContain(organization.id);
    const [first] = organizations;
    const rest = await client.organizations.list({ limit: 1, after: first!.id });
    expect(rest.organizations[0]?.id).toBe(organizations[1]?.id);
    const changed = await client.organizations.list({ changedSince: new Date(Date.now() + 60_000) });
    expect(changed.organizations).toStrictEqual([]);
    expect(await client.settings.batch([{ id: organization.id, version: '0' }])).toMatchObject({
      settings: [{ organizationId: organization.id, version: '1', settings: { a: 1 } }],
    });
  });

  it('watchOrganizations() yields each new version', async () => {
    const client = clientOf(await aService(app.dataSource, ['settings:read']));
    const seen: unknown[] = [];
    const { signal } = controller;
    const watching = (async () => {
      for await (const { organizationId, version } of watchOrganizations(client, { signal })) {
        if (organizationId === organization.id) seen.push(version);
      }
    })();
    await sleep(1_000);
    await put({ a: 1 });
    await until(() => seen.length === 1);
    await wire.cut();
    await put({ a: 2 });
    await wire.mend();
    await until(() => seen.includes('2'));
    controller.abort();
    await watching;
    const bound = await aService(app.dataSource, ['settings:read'], { organizationId: organization.id });
    expect(await rejectionOf(watchOrganizations(clientOf(bound)).next())).toMatchObject({ code: 'invalid' });
  });

  it('liveOrganizations() is a copy of all that is kept current', async () => {
    const client = clientOf(await aService(app.dataSource, ['settings:read', 'organization:read']));
    await put({ limits: { users: 5 } });
    const live = await liveOrganizations(client, controller);
    expect(live.get(organization.id, 'limits.users')).toBe(5);
    expect(live.get('no-such-id', 'limits.users')).toBeUndefined();
    const changes: string[] = [];
    live.on('change', ({ organizationId }) => changes.push(organizationId));
    await put({ limits: { users: 6 } });
    await until(() => live.get(organization.id, 'limits.users') === 6);
    const created = (await app.admin('create-organization', '--name', 'New')).id as string;
    await until(() => live.organization(created) !== undefined);
    expect(live.organization(created)?.settings).toStrictEqual({});
    await wire.cut();
    await put({ limits: { users: 7 } });
    await sleep(300);
    expect(live.get(organization.id, 'limits.users')).toBe(6);
    expect(live.staleForMs).toBeGreaterThan(0);
    await wire.mend();
    await until(() => live.get(organization.id, 'limits.users') === 7);
    await until(() => live.staleForMs === 0);
    expect(new Set(changes)).toStrictEqual(new Set([organization.id, created]));
    live.close();
  });
});
