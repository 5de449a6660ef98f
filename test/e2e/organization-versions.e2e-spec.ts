import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';

interface Version {
  version: number;
  at: string;
  operation: string;
  actor: { id: string | null; email: string | null };
  paths: string[];
  requestId: string | null;
  reason: string | null;
}
type Profile = Record<string, unknown>;

let app: TestApp;
let organization: TestOrganization;

const send = (method: string, at = '', options: RequestOptions = {}) =>
  app.request(method, `/organization/${organization.id}${at}`, { as: organization.owner, ...options });
const put = (body: unknown, headers: Record<string, string> = {}) => send('PUT', '', { body, headers });
const restore = (version: number | string, options: RequestOptions = {}) =>
  send('POST', `/versions/${version}/restore`, options);
const versions = async (query = '') =>
  ((await send('GET', `/versions${query}`)).body as { data: { versions: Version[]; next: number | null } }).data;
const profileAt = async (version: number) =>
  ((await send('GET', `/versions/${version}`)).body as { data: { profile: Profile } }).data.profile;
const profile = async () => ((await send('GET')).body as { data: Profile }).data;
const refusal = (message: string) => ({ success: false, data: null, message });

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource, { name: 'Acme', city: 'Köln', domain: 'acme.com' });
});

describe('versions of a profile', () => {
  it('say who did what, when, why and by which request', async () => {
    await put({ city: 'Bonn', phone: '1' }, { 'change-reason': 'We moved', 'x-request-id': 'the-first' });
    await put({ city: 'Bonn' });
    await send('PUT', '', { as: organization.administrator, body: { mfaEnforced: true } });
    await restore(0);
    const { versions: found, next } = await versions();
    expect(next).toBeNull();
    expect(found.map(({ version, operation, paths, reason }) => ({ version, operation, paths, reason }))).toStrictEqual(
      [
        { version: 3, operation: 'restore', paths: ['/city', '/phone', '/mfaEnforced'], reason: null },
        { version: 2, operation: 'update', paths: ['/mfaEnforced'], reason: null },
        { version: 1, operation: 'update', paths: ['/city', '/phone'], reason: 'We moved' },
        { version: 0, operation: 'baseline', paths: [], reason: null },
      ],
    );
    const [{ email }] = await app.dataSource.query<[{ email: string }]>('select email from users where id = $1', [
      organization.administrator,
    ]);
    expect(found[1]!.actor).toStrictEqual({ id: organization.administrator, email });
    expect(found[2]!.requestId).toBe('the-first');
    expect(found[3]!.actor).toStrictEqual({ id: null, email: null });
  });

  it('come in pages, newest first', async () => {
    for (const city of ['a', 'b', 'c', 'd']) await put({ city });
    const numbers = async (query: string) => {
      const { versions: found, next } = await versions(query);
      return [found.map(({ version }) => version), next];
    };
    expect(await numbers('?limit=2')).toStrictEqual([[4, 3], 3]);
    expect(await numbers('?limit=3&before=3')).toStrictEqual([[2, 1, 0], null]);
    expect(await numbers('?before=0')).toStrictEqual([[], null]);
  });

  it('show the whole profile of each, in the documented order', async () => {
    await put({ city: 'Bonn' });
    await put({ city: null, name: 'Acme 2' });
    const now = await profile();
    expect(Object.entries(await profileAt(2))).toStrictEqual(Object.entries(now));
    expect(await profileAt(1)).toStrictEqual({ ...now, name: 'Acme', city: 'Bonn' });
    expect(await profileAt(0)).toStrictEqual({ ...now, name: 'Acme', city: 'Köln' });
    const { at } = (await versions()).versions[1]!;
    expect((await send('GET', '/versions/1')).body).toStrictEqual({
      success: true,
      data: { version: 1, at, profile: await profileAt(1) },
    });
  });

  it('are compared in either direction', async () => {
    await put({ city: 'Bonn' });
    await put({ state: 'NRW' });
    const diff = async (at: string) => (await send('GET', `/versions/${at}`)).body;
    expect(await diff('1/diff')).toStrictEqual({
      success: true,
      data: { from: 0, to: 1, patch: [{ op: 'replace', path: '/city', value: 'Bonn' }] },
    });
    expect(await diff('0/diff?from=2')).toStrictEqual({
      success: true,
      data: {
        from: 2,
        to: 0,
        patch: [
          { op: 'replace', path: '/city', value: 'Köln' },
          { op: 'replace', path: '/state', value: null },
        ],
      },
    });
    expect(await diff('1/diff?from=1')).toMatchObject({ data: { patch: [] } });
  });

  it.each(['-1', '3', '01', 'x', '9'.repeat(18), '9'.repeat(40), '%zz'])('do not include %s', async (version) => {
    await put({ city: 'Bonn' });
    await put({ city: 'Ulm' });
    for (const [method, at] of [
      ['GET', ''],
      ['GET', '/diff'],
      ['POST', '/restore'],
    ] as const) {
      const answer = await send(method, `/versions/${version}${at}`);
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual(refusal('Version not found'));
    }
    expect((await send('GET', '/versions/0/diff')).status).toBe(404);
    expect((await send('GET', `/versions/1/diff?from=${'9'.repeat(18)}`)).status).toBe(404);
  });

  it.each([
    ['/versions?limit=0', 'limit must not be less than 1'],
    ['/versions?before=x', 'before must be the number of a version'],
    ['/versions/1/diff?from=x', 'from must be the number of a version'],
    ['?at=yesterday', 'at must be a date-time with an offset, such as 2026-11-21T12:00:00Z'],
  ])('refuse %s', async (at, message) => {
    const answer = await send('GET', at);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual(refusal(message));
  });
});

describe('a profile as of a time', () => {
  const asOf = (at: string, headers = {}) => send('GET', `?at=${encodeURIComponent(at)}`, { headers });

  it('is the last that was made by then', async () => {
    for (const city of ['Bonn', 'Ulm']) {
      await sleep(5);
      await put({ city });
    }
    const cities = ['Köln', 'Bonn', 'Ulm'];
    const times = (await versions()).versions.toReversed().map(({ at }) => at);
    for (const [place, at] of times.entries()) {
      const answer = await asOf(at);
      expect(answer.body).toStrictEqual({ success: true, data: { ...(await profile()), city: cities[place] } });
      expect(answer.headers['etag']).toMatch(new RegExp(`^"${place}-`));
    }
    expect((await asOf(times[1]!, { 'if-none-match': '"1"' })).status).toBe(304);
    expect((await asOf(times[1]!, { 'if-match': '"2"' })).status).toBe(412);
    const before = await asOf(new Date(Date.parse(times[0]!) - 1).toISOString());
    expect(before.status).toBe(404);
    expect(before.body).toStrictEqual(refusal('Version not found'));
  });

  it('is the current one where nothing was changed since', async () => {
    expect((await asOf(new Date(Date.now() + 1000).toISOString())).body).toMatchObject({ data: { city: 'Köln' } });
  });

  it('begins when the organization was made', async () => {
    const { id } = await app.admin<{ id: string }>('create-organization', '--name', 'New');
    const as = (
      await app.admin<{ id: string }>(
        'create-user',
        '--organization',
        id,
        '--name',
        'Ada',
        '--email',
        `${id}@x.org`,
        '--role',
        'OWNER',
      )
    ).id;
    const get = async (at: string) => (await app.request('GET', `/organization/${id}${at}`, { as })).body;
    await app.request('PUT', `/organization/${id}`, { as, body: { name: 'Newer' } });
    expect(await get('/versions/0')).toMatchObject({ data: { version: 0, profile: { id, name: 'New', city: null } } });
    expect(await get('/versions')).toMatchObject({ data: { versions: [{ version: 1 }, { operation: 'create' }] } });
    expect(await get('/versions/0/diff')).toStrictEqual(refusal('Version not found'));
    expect(await get('?at=2020-01-01T00:00:00Z')).toStrictEqual(refusal('Version not found'));
    expect(await get('?at=9999-12-31T23:59:59Z')).toMatchObject({ data: { name: 'Newer' } });
  });
});

describe('a restored version', () => {
  it('answers as a PUT does, with the fields that a PUT may change', async () => {
    await put({ city: 'Bonn', address2: '2', is_business: true, mfaEnforced: true });
    await put({ city: 'Ulm', address2: null, is_business: false, mfaEnforced: false, name: 'Acme 2' });
    await app.dataSource.query(
      `update organizations set website = 'https://acme.com', repos_disabled = true where id = $1`,
      [organization.id],
    );
    const answer = await restore(1, { headers: { 'change-reason': 'Oops' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({
      success: true,
      data: {
        ...(await profileAt(1)),
        website: 'https://acme.com',
        reposDisabled: true,
      },
      message: 'Organization updated successfully',
    });
    expect(answer.headers['etag']).toBe((await send('GET')).headers['etag']);
    expect(await profile()).toMatchObject({ name: 'Acme', city: 'Bonn', address2: '2', reposDisabled: true });
    expect((await versions('?limit=1')).versions[0]).toMatchObject({
      version: 3,
      operation: 'restore',
      reason: 'Oops',
    });
  });

  it('is an event', async () => {
    await put({ city: 'Bonn' });
    await restore(0, { headers: { 'change-reason': 'Oops' } });
    const { body } = await app.request('POST', '/systemevent', {
      as: organization.owner,
      body: { context: 4, take: 1 },
    });
    const [event] = (body as { events: { event: string; jsonData: string }[] }).events;
    expect(event).toMatchObject({ event: 'updated', userId: organization.owner });
    expect(JSON.parse(event!.jsonData)).toMatchObject({ version: 2, operation: 'restore', reason: 'Oops' });
  });

  it('is no new version where it changes nothing', async () => {
    await put({ city: 'Bonn' });
    const answer = await restore(1);
    expect(answer.headers['etag']).toMatch(/^"1-/);
    expect((await versions()).versions).toHaveLength(2);
  });

  it('honours If-Match and If-None-Match', async () => {
    await put({ city: 'Bonn' });
    await put({ city: 'Ulm' });
    const late = await restore(0, { headers: { 'if-match': '"1"' } });
    expect(late.status).toBe(412);
    expect(late.body).toStrictEqual(refusal('Precondition failed: the current version is different'));
    expect(late.headers['etag']).toMatch(/^"2-/);
    expect((await restore(0, { headers: { 'if-none-match': '*' } })).status).toBe(412);
    expect((await restore(0, { headers: { 'if-match': 'x' } })).status).toBe(400);
    expect((await restore(0, { headers: { 'if-match': '"2"' } })).status).toBe(200);
  });

  it('loses no change that is made at the same time', async () => {
    await put({ city: 'Bonn' });
    const all = [put({ phone: '1' }), put({ state: 'NRW' }), restore(0), put({ country: 'DE' })];
    for (const { status } of await Promise.all(all)) expect(status).toBe(200);
    const { versions: found } = await versions();
    expect(found.map(({ version }) => version)).toStrictEqual([5, 4, 3, 2, 1, 0]);
    // Each version is the one before with the change of its own.
    for (const { version, operation } of found.filter((one) => one.version > 0)) {
      const [before, after] = [await profileAt(version - 1), await profileAt(version)];
      const { body } = await send('GET', `/versions/${version}/diff`);
      const { patch } = (body as { data: { patch: { path: string; value: unknown }[] } }).data;
      const changed = Object.fromEntries(patch.map(({ path, value }) => [path.slice(1), value]));
      expect(after).toStrictEqual({ ...before, ...changed });
      if (operation === 'restore') expect(after).toStrictEqual(await profileAt(0));
    }
    expect(await profileAt(5)).toStrictEqual(await profile());
  });
});

describe('who may see and restore versions', () => {
  const READS = ['/versions', '/versions/0', '/versions/1', '/versions/1/diff', '?at=9999-12-31T23:59:59Z'];
  const MAY_NOT_VIEW = 'Access denied: you can only view your own organization';
  const MAY_NOT_CHANGE = 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization';

  beforeEach(async () => {
    await put({ city: 'Bonn' });
  });

  it('each member sees, administrators and owners restore', async () => {
    for (const as of [organization.user, organization.billing, organization.workspaces]) {
      for (const at of READS) expect((await send('GET', at, { as })).status).toBe(200);
      const answer = await restore(0, { as });
      expect(answer.status).toBe(403);
      expect(answer.body).toStrictEqual(refusal(MAY_NOT_CHANGE));
    }
    for (const as of [organization.administrator, organization.owner]) {
      expect((await restore(0, { as })).status).toBe(200);
      expect((await restore(1, { as })).status).toBe(200);
    }
  });

  it('the members of another organization do not, whether they are remembered or not', async () => {
    const other = await anOrganization(app.dataSource);
    for (const as of [other.owner, other.user, 'nobody']) {
      for (let again = 0; again < 2; again++) {
        for (const at of READS) {
          const answer = await send('GET', at, { as });
          expect(answer.status).toBe(403);
          expect(answer.body).toStrictEqual(refusal(MAY_NOT_VIEW));
        }
        expect((await restore(0, { as })).body).toStrictEqual(refusal(MAY_NOT_CHANGE));
        await app.request('GET', `/organization/${other.id}/versions`, { as });
      }
    }
    expect(await profile()).toMatchObject({ city: 'Bonn' });
  });

  it('a membership or an organization that is gone stops at once', async () => {
    const { user, owner } = organization;
    await send('GET', '', { as: user });
    await app.dataSource.query('update members set deleted_at = now() where user_id = $1', [user]);
    for (const at of READS) {
      expect((await send('GET', at, { as: user })).body).toStrictEqual(refusal(MAY_NOT_VIEW));
      await send('GET', '', { as: user });
    }
    await send('GET', '', { as: owner });
    await app.dataSource.query('update organizations set deleted_at = now() where id = $1', [organization.id]);
    for (const at of READS) expect((await send('GET', at)).body).toStrictEqual(refusal('Organization not found'));
    expect((await restore(0)).body).toStrictEqual(refusal('Organization not found'));
  });

  it('a service account needs the scope to read for the one, the scope to write for the other', async () => {
    const reader = await aService(app.dataSource, ['organization:read'], { organizationId: organization.id });
    const writer = await aService(app.dataSource, ['organization:write'], { organizationId: organization.id });
    for (let again = 0; again < 2; again++) {
      for (const at of READS) {
        expect((await send('GET', at, { as: reader })).status).toBe(200);
        expect((await send('GET', at, { as: writer })).body).toStrictEqual(
          refusal('Insufficient permissions: the scope organization:read is required'),
        );
      }
    }
    expect((await restore(0, { as: reader })).status).toBe(403);
    expect((await restore(0, { as: writer })).status).toBe(200);
    const { body } = await send('GET', '/versions?limit=1', { as: reader });
    expect(body).toMatchObject({ data: { versions: [{ actor: { id: writer, email: null } }] } });
    await app.dataSource.query(`update service_accounts set scopes = '{settings:read}' where id = $1`, [reader]);
    expect((await send('GET', '/versions', { as: reader })).status).toBe(403);
  });
});

describe('a version that an instance of an older release left', () => {
  it('is kept whole by the next change, with all that follow', async () => {
    await put({ city: 'Bonn' });
    // As a change looks that knows nothing of snapshots, and one of which there is no row at all.
    await app.dataSource.query('update organization_changes set snapshot = null where organization_id = $1', [
      organization.id,
    ]);
    expect((await send('GET', '/versions/0')).status).toBe(404);
    await put({ city: 'Ulm' });
    expect((await send('GET', '/versions/0')).status).toBe(404);
    expect(await profileAt(1)).toMatchObject({ city: 'Bonn' });
    expect(await profileAt(2)).toMatchObject({ city: 'Ulm' });
    await app.dataSource.query(`update organizations set version = 5, city = 'Hof' where id = $1`, [organization.id]);
    await put({ city: 'Trier' });
    expect((await versions()).versions.map(({ version }) => version)).toStrictEqual([6, 5, 2, 1, 0]);
    expect(await profileAt(5)).toMatchObject({ city: 'Hof' });
    expect((await send('GET', '/versions/6/diff?from=4')).status).toBe(404);
  });

  it('is followed by what the old function changes', async () => {
    const args = [organization.id, organization.owner, JSON.stringify({ city: 'Bonn' })];
    const [row] = await app.dataSource.query<object[]>(
      `select * from organization_change($1, 'member', $2, $3, null, null, 'r', 'why', true)`,
      args,
    );
    expect(row).toMatchObject({ status: 'changed', version: '1' });
    expect((await versions()).versions[0]).toMatchObject({ version: 1, operation: 'update', reason: 'why' });
    expect(await profileAt(1)).toMatchObject({ city: 'Bonn' });
  });
});
