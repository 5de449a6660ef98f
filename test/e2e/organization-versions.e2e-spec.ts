import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROFILE_FIELDS } from '../../src/organization/profile-fields.js';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { profileRequests, refusal } from './profile-requests.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource, { name: 'Acme', city: 'Köln', domain: 'acme.com' });
});

const { profile, profileAt, put, restore, send, versions } = profileRequests(() => ({ app, organization }));

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

  it.each(PROFILE_FIELDS.filter(({ isWritable }) => isWritable))('keep a change of $name', async ({ name }) => {
    const before = await profile();
    const value = typeof before[name] === 'boolean' ? !before[name] : '1';
    await put({ [name]: value });
    expect((await versions()).versions.map(({ version, paths }) => ({ version, paths }))).toStrictEqual([
      { version: 1, paths: [`/${name}`] },
      { version: 0, paths: [] },
    ]);
    expect(await profile()).toStrictEqual({ ...before, [name]: value });
    expect(await profileAt(1)).toStrictEqual({ ...before, [name]: value });
    expect(await profileAt(0)).toStrictEqual(before);
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
