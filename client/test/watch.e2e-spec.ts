import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, type TestOrganization } from '../../test/support/factories.js';
import { Wire } from '../../test/support/wire.js';
import type { FlashbackClient, FlashbackClientOptions } from '../src/index.js';
import { type FollowedVersion, followVersions, liveOrganizations, watchOrganizations } from '../src/live.js';
import { answer, AServer, rejectionOf } from './a-server.js';
import { clientOver, until } from './watching.js';

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

const clientOf = (as: string, options: Partial<FlashbackClientOptions> = {}) => clientOver(wire, app, as, options);
const put = (body: object, of = organization) => app.request('PUT', '/settings/organization', { as: of.owner, body });

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
