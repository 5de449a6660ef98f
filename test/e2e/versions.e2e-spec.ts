import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { settingsRequests } from './settings-requests.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

describe.each(SCOPES)('versions of $scope settings', (kind) => {
  const { scope, noun, title, writer, ownerId } = kind;
  const { send, patch, settings, versions, version, fill } = settingsRequests(kind, () => ({ app, organization }));

  it('are none before the first write', async () => {
    expect(await versions()).toStrictEqual({ success: true, versions: [], next: null });
    const answer = await send('GET', '/versions/1');
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual({ success: false, message: 'Version not found' });
  });

  it('say who did what, when, why and by which request', async () => {
    const before = Date.now();
    await send('POST', '', { body: { settings: { a: 1, b: { c: 2 } } }, headers: { 'x-request-id': 'the-first' } });
    await send('PUT', '', { body: { a: 1, b: { d: 3 } }, headers: { 'change-reason': ' Because ' } });
    const utf8 = Buffer.from('Größer – 更大').toString('latin1');
    await send('DELETE', '', { body: { keys: ['b.c', 'nothing'] }, headers: { 'change-reason': utf8 } });
    await patch('merge', { a: null });
    await patch('json', [{ op: 'add', path: '/e~1f', value: [] }]);
    await send('POST', '/versions/1/restore');
    const { versions: found } = await versions();
    expect(found.map(({ version, operation, paths, reason }) => ({ version, operation, paths, reason }))).toStrictEqual(
      [
        { version: 6, operation: 'restore', paths: ['/a', '/b/c', '/b/d', '/e~1f'], reason: null },
        { version: 5, operation: 'json-patch', paths: ['/e~1f'], reason: null },
        { version: 4, operation: 'merge-patch', paths: ['/a'], reason: null },
        { version: 3, operation: 'delete-keys', paths: ['/b/c'], reason: 'Größer – 更大' },
        { version: 2, operation: 'merge', paths: ['/b/d'], reason: 'Because' },
        { version: 1, operation: 'replace', paths: ['/a', '/b'], reason: null },
      ],
    );
    const [{ email }] = await app.dataSource.query<[{ email: string }]>('select email from users where id = $1', [
      writer(organization),
    ]);
    for (const { actor, at } of found) {
      expect(actor).toStrictEqual({ id: writer(organization), email });
      expect(Date.parse(at)).toBeGreaterThanOrEqual(before - 1);
      expect(Date.parse(at)).toBeLessThanOrEqual(Date.now() + 1);
    }
    expect(found.at(-1)!.requestId).toBe('the-first');
    expect(found[0]!.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are made by what changes something, and by nothing else', async () => {
    await send('PUT', '', { body: { a: 1 } });
    await send('PUT', '', { body: { a: 1.0 } });
    await send('POST', '', { body: { settings: { a: 1 } } });
    await send('DELETE', '', { body: { keys: ['b'] } });
    await patch('merge', { c: null });
    await patch('json', [{ op: 'test', path: '/a', value: 1 }]);
    await patch('json', [{ op: 'test', path: '/a', value: 2 }]);
    await send('PUT', '', { body: { a: 2 }, headers: { 'if-match': '"9"' } });
    await send('POST', '/versions/1/restore');
    expect((await versions()).versions.map(({ version }) => version)).toStrictEqual([1]);
  });

  it('come in pages, newest first', async () => {
    await fill(7);
    const pages: number[][] = [];
    let query = '?limit=3';
    for (let next: number | null = 0; next !== null; query = `?limit=3&before=${next}`) {
      const page = await versions(query);
      pages.push(page.versions.map(({ version }) => version));
      next = page.next;
    }
    expect(pages).toStrictEqual([[7, 6, 5], [4, 3, 2], [1]]);
    expect((await versions('?limit=7')).next).toBeNull();
    expect((await versions('?before=1')).versions).toStrictEqual([]);
  });

  it.each([
    ['versions?limit=0', 'limit must not be less than 1'],
    ['versions?limit=101', 'limit must not be greater than 100'],
    ['versions?limit=x', 'limit must be a whole number'],
    ['versions?limit=1&limit=2', 'limit must be given only once'],
    ['versions?before=-1', 'before must be the number of a version'],
    ['versions?before=1.5', 'before must be the number of a version'],
    ['versions/1/diff?from=x', 'from must be the number of a version'],
    ['versions/1/diff?from=01', 'from must be the number of a version'],
  ])('refuse %s', async (at, error) => {
    const answer = await send('GET', `/${at}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, message: `Failed to get ${noun} versions`, error });
  });

  it('show the whole document of each, digit for digit', async () => {
    await send('POST', '', { body: '{"settings":{"big":12345678901234567890,"list":[1,{"x":0.10}]}}' });
    await send('PUT', '', { body: '{"big":12345678901234567891}' });
    await patch('json', '[{"op":"replace","path":"/list/1/x","value":2}]');
    const answer = await send('GET', '/versions/1');
    expect(answer.text).toContain('"settings":{"big": 12345678901234567890, "list": [1, {"x": 0.10}]}');
    expect((await send('GET', '/versions/2')).text).toContain('"big": 12345678901234567891');
    expect(await version(3)).toMatchObject({ success: true, version: 3, settings: { list: [1, { x: 2 }] } });
    expect((await version(3)).at).toBe((await versions()).versions[0]!.at);
    const diff = await send('GET', '/versions/2/diff');
    expect(diff.text).toBe(
      '{"success":true,"from":1,"to":2,"patch":[{"op": "replace", "path": "/big", "value": 12345678901234567891}]}',
    );
  });

  it.each(['0', '3', '-1', '01', '1.0', 'x', '9'.repeat(18), '9'.repeat(40), '%zz'])('has no version %s', async (n) => {
    await fill(2);
    for (const [method, at] of [
      ['GET', ''],
      ['POST', '/restore'],
    ] as const) {
      const answer = await send(method, `/versions/${n}${at}`);
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'Version not found' });
    }
    if (n !== '0') expect((await send('GET', `/versions/${n}/diff`)).status).toBe(404);
    expect((await send('GET', `/versions/1/diff?from=${'9'.repeat(18)}`)).status).toBe(404);
  });

  it('are compared in either direction, also with nothing', async () => {
    await send('POST', '', { body: { settings: { a: 1, b: { c: [1, 2, 3, 4] } } } });
    await send('PUT', '', { body: { b: { c: [1, 2, 4] }, d: null } });
    const diff = async (query: string) => (await send('GET', `/versions/${query}`)).body;
    expect(await diff('2/diff?from=1')).toStrictEqual({
      success: true,
      from: 1,
      to: 2,
      patch: [
        { op: 'remove', path: '/b/c/2' },
        { op: 'add', path: '/d', value: null },
      ],
    });
    expect(await diff('1/diff?from=2')).toMatchObject({
      patch: [
        { op: 'add', path: '/b/c/2', value: 3 },
        { op: 'remove', path: '/d' },
      ],
    });
    expect(await diff('1/diff')).toMatchObject({ from: 0, to: 1, patch: [{ path: '/a' }, { path: '/b' }] });
    expect(await diff('2/diff?from=2')).toMatchObject({ patch: [] });
  });

  it('replay each change once for a difference, in either direction', async () => {
    await fill(9);
    const owner = ownerId(organization);
    const difference = {
      user: 'select d.status from user_version_diff($1, 7, $2, $3) d where $4::text is not null',
      organization: "select d.status from organization_version_diff($1, 'member', $4, 8, 'settings:read', $2, $3) d",
    }[scope];
    for (const [from, to] of [
      [4, 8],
      [8, 4],
      [0, 9],
    ] as const) {
      const counted = await app.dataSource.transaction(async (manager) => {
        await manager.query("set local track_functions = 'all'");
        const calls = async () => {
          const [row] = await manager.query<{ calls: string }[]>(
            "select calls from pg_stat_xact_user_functions where funcname = 'settings_patch'",
          );
          return Number(row?.calls ?? 0);
        };
        // What an earlier transaction of the session counted may be there.
        const before = await calls();
        const values = [owner, from, to, writer(organization)];
        const [{ status }] = await manager.query<[{ status: string }]>(difference, values);
        return { status, calls: (await calls()) - before };
      });
      expect(counted).toStrictEqual({ status: 'found', calls: Math.max(from, to) });
    }
  });

  describe('restored', () => {
    it('are the document again, as a new version', async () => {
      await send('POST', '', { body: { settings: { a: { b: [1] } } } });
      await send('POST', '', { body: { settings: { c: 2 } } });
      const answer = await send('POST', '/versions/1/restore', { headers: { 'change-reason': 'Oops' } });
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ success: true, message: `${title} restored successfully` });
      expect(answer.headers['etag']).toMatch(/^"3-/);
      expect(await settings()).toStrictEqual({ a: { b: [1] } });
      expect((await versions()).versions[0]).toMatchObject({ version: 3, operation: 'restore', reason: 'Oops' });
    });

    it('honour If-Match, and a dry run', async () => {
      await fill(2);
      const stale = await send('POST', '/versions/1/restore', { headers: { 'if-match': '"1"' } });
      expect(stale.status).toBe(412);
      const tried = await send('POST', '/versions/1/restore?dryRun=true', { headers: { 'if-match': '"2"' } });
      expect(tried.body).toStrictEqual({
        success: true,
        message: `${title} restored successfully`,
        dryRun: true,
        settings: { n: 1 },
        patch: [{ op: 'replace', path: '/n', value: 1 }],
      });
      expect(await settings()).toStrictEqual({ n: 2 });
    });
  });

  it.each([
    ['x'.repeat(501), 'Change-Reason must have at most 500 characters'],
    ['a\tb', 'Change-Reason must not contain control characters'],
  ])('refuse the reason %j', async (reason, error) => {
    const answer = await send('PUT', '', { body: { a: 1 }, headers: { 'change-reason': reason } });
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, message: `Failed to partially update ${noun}`, error });
    expect(await settings()).toStrictEqual({});
  });
});

describe('versions of settings and who may see them', () => {
  const at = (path: string, as: string, method = 'GET') => app.request(method, `/settings${path}`, { as });

  it('are for the members of the organization, and restored by its administrators only', async () => {
    await app.request('PUT', '/settings/organization', { as: organization.owner, body: { a: 1 } });
    for (const role of ['user', 'billing', 'workspaces', 'administrator', 'owner'] as const) {
      const as = organization[role];
      expect((await at('/organization/versions', as)).body).toMatchObject({ versions: [{ version: 1 }] });
      expect((await at('/organization/versions/1', as)).body).toMatchObject({ settings: { a: 1 } });
      const restored = await at('/organization/versions/1/restore', as, 'POST');
      expect(restored.status).toBe(role === 'administrator' || role === 'owner' ? 200 : 403);
    }
    const refused = await at('/organization/versions/99/restore', organization.user, 'POST');
    expect(refused.body).toStrictEqual({
      success: false,
      message: 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization settings',
    });
  });

  it('are of the own organization, and the own ones of a user', async () => {
    const other = await anOrganization(app.dataSource);
    await app.request('PUT', '/settings/organization', { as: other.owner, body: { theirs: true } });
    await app.request('PUT', '/settings/user', { as: organization.user, body: { mine: true } });
    expect((await at('/organization/versions', organization.owner)).body).toMatchObject({ versions: [] });
    expect((await at('/organization/versions/1', organization.owner)).status).toBe(404);
    expect((await at('/user/versions', organization.owner)).body).toMatchObject({ versions: [] });
    expect((await at('/user/versions/1', organization.user)).body).toMatchObject({ settings: { mine: true } });
  });

  it('are for nobody who is nobody', async () => {
    const loner = await aUser(app.dataSource);
    for (const path of ['/versions', '/versions/1', '/versions/1/diff']) {
      expect((await at(`/organization${path}`, loner)).body).toStrictEqual({
        success: false,
        message: 'User not associated with any organization',
      });
      expect((await at(`/user${path}`, 'nobody')).body).toStrictEqual({ success: false, message: 'User not found' });
    }
    expect((await at('/user?at=2026-11-21T12:00:00Z', 'nobody')).status).toBe(404);
  });
});
