import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, type TestOrganization } from '../../test/support/factories.js';
import { Wire } from '../../test/support/wire.js';
import type { FlashbackClientOptions } from '../src/index.js';
import { liveSettings } from '../src/live.js';
import { answer, AServer, rejectionOf } from './a-server.js';
import { clientOver, until } from './watching.js';

/** Live settings of the client, on the real service over a wire that is cut and mended. */

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
