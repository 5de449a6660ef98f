import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, type TestOrganization } from '../support/factories.js';
import { detailsOf, eventRequests } from './system-events.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

const { post, put, putOrganizationSettings, query } = eventRequests(() => ({ app, organization }));

describe('system events', () => {
  it('tell what happened to organization settings, as the published client reads it', async () => {
    const headers = { 'x-request-id': 'request-1', 'change-reason': 'More room' };
    await putOrganizationSettings({ maxFileSize: '20GB' }, headers);
    const [user] = await app.dataSource.query<{ email: string }[]>('select email from users where id = $1', [
      organization.owner,
    ]);
    const { events, ...rest } = await query(organization.owner);
    expect(rest).toStrictEqual({ total: 1, skip: 0, take: 100 });
    const [event] = events;
    expect(event).toStrictEqual({
      id: expect.any(Number) as number,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      contextId: organization.id,
      context: 'orgsettings',
      event: 'updated',
      orgId: organization.id,
      userId: organization.owner,
      userName: 'Ada',
      userEmail: user!.email,
      workspaceId: null,
      jsonData: expect.any(String) as string,
      showUnread: true,
    });
    expect(Number.isSafeInteger(event!.id)).toBe(true);
    expect(JSON.parse(event!.jsonData)).toStrictEqual({
      version: 1,
      operation: 'merge',
      patch: [{ op: 'add', path: '/maxFileSize', value: '20GB' }],
      operations: 1,
      requestId: 'request-1',
      reason: 'More room',
    });
  });

  it('tell what happened to the profile, to user settings and to users, newest first', async () => {
    const made = await app.admin<{ id: string }>('create-organization', '--name', 'New');
    const createUser = (email: string, name: string, ...options: string[]) => {
      const given = ['--email', email, '--name', name, '--organization', made.id, ...options];
      return app.admin<{ id: string }>('create-user', ...given);
    };
    const user = await createUser(`${made.id}@example.com`, 'Grace', '--last-name', 'Hopper', '--role', 'OWNER');
    await put(`/organization/${made.id}`, user.id, { city: 'Zürich', mfaEnforced: true }, { 'change-reason': 'Moved' });
    await put('/settings/user', user.id, { theme: 'dark' });
    const member = await createUser(`m${made.id}@example.com`, 'M');
    await app.admin('set-role', '--user', member.id, '--role', 'BILLING');
    await app.admin('delete-user', '--user', member.id);
    await app.admin('restore-user', '--user', member.id);
    await app.admin('set-role', '--user', member.id, '--role', 'BILLING');
    const { events } = await query(user.id);
    expect(
      events.map((event) => ({
        what: `${event.context} ${event.event}`,
        contextId: event.contextId,
        by: event.userName,
        patch: detailsOf(event).patch,
      })),
    ).toStrictEqual([
      {
        what: 'user updated',
        contextId: member.id,
        by: null,
        patch: [{ op: 'replace', path: '/deletedAt', value: null }],
      },
      {
        what: 'user deleted',
        contextId: member.id,
        by: null,
        patch: [{ op: 'replace', path: '/deletedAt', value: expect.stringMatching(/Z$/) as string }],
      },
      {
        what: 'user updated',
        contextId: member.id,
        by: null,
        patch: [{ op: 'replace', path: '/role', value: 'BILLING' }],
      },
      { what: 'user created', contextId: member.id, by: null, patch: [{ op: 'add', path: '/role', value: 'USER' }] },
      {
        what: 'usersettings updated',
        contextId: user.id,
        by: 'Grace Hopper',
        patch: [{ op: 'add', path: '/theme', value: 'dark' }],
      },
      {
        what: 'org updated',
        contextId: made.id,
        by: 'Grace Hopper',
        patch: [
          { op: 'replace', path: '/city', value: 'Zürich' },
          { op: 'replace', path: '/mfaEnforced', value: true },
        ],
      },
      { what: 'user created', contextId: user.id, by: null, patch: [{ op: 'add', path: '/role', value: 'OWNER' }] },
      { what: 'org created', contextId: made.id, by: null, patch: [] },
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('are made by real changes only', async () => {
    await putOrganizationSettings({});
    await putOrganizationSettings({ a: 'x'.repeat(600_000) });
    await app.request('PUT', '/settings/organization?dryRun=true', { as: organization.owner, body: { a: 1 } });
    await putOrganizationSettings({ a: 1 }, { 'if-match': '"9"' });
    await put(`/organization/${organization.id}`, organization.owner, { name: 'Acme Corporation' });
    await put('/settings/organization', organization.user, { a: 1 });
    expect(await query(organization.owner)).toStrictEqual({ events: [], total: 0, skip: 0, take: 100 });
  });

  it('are shown where they meet every condition', async () => {
    const other = await aMember(app.dataSource, organization.id, Role.ADMINISTRATOR);
    await putOrganizationSettings({ a: 1 });
    await put('/settings/user', organization.owner, { b: 1 });
    await put('/settings/organization', other, { c: 1 });
    const { events } = await query(organization.owner);
    const paths = async (conditions: object) =>
      (await query(organization.owner, conditions)).events.map((event) => detailsOf(event).patch[0]?.path);
    expect(await paths({})).toStrictEqual(['/c', '/b', '/a']);
    expect(await paths({ context: 8 })).toStrictEqual(['/c', '/a']);
    expect(await paths({ context: 7 })).toStrictEqual(['/b']);
    expect(await paths({ context: 0 })).toStrictEqual([]);
    expect(await paths({ context: 12 })).toStrictEqual([]);
    expect(await paths({ event: 1 })).toStrictEqual(['/c', '/b', '/a']);
    expect(await paths({ event: 0 })).toStrictEqual([]);
    expect(await paths({ event: 2 })).toStrictEqual([]);
    expect(await paths({ userId: other })).toStrictEqual(['/c']);
    expect(await paths({ contextId: organization.owner })).toStrictEqual(['/b']);
    expect(await paths({ contextId: organization.id, userId: organization.owner })).toStrictEqual(['/a']);
    expect(await paths({ workspaceId: 'any' })).toStrictEqual([]);
    expect(await paths({ workspaceId: null, userId: null, context: null })).toStrictEqual(['/c', '/b', '/a']);
    expect(await paths({ from_timestamp: events[0]!.timestamp })).toContain('/c');
    expect(await paths({ to_timestamp: new Date(Date.parse(events[2]!.timestamp) - 1).toISOString() })).toStrictEqual(
      [],
    );
    expect(await paths({ from_timestamp: events[2]!.timestamp, to_timestamp: events[0]!.timestamp })).toHaveLength(3);
  });

  it('are those of the last day when no time is named', async () => {
    await putOrganizationSettings({ a: 1 });
    await app.dataSource.query(
      `update organization_changes set at = now() - interval '25 hours', id = change_id_from(now() - interval '25 hours')
       where organization_id = $1`,
      [organization.id],
    );
    await putOrganizationSettings({ a: 2 });
    expect((await query(organization.owner)).total).toBe(1);
    expect((await query(organization.owner, { from_timestamp: '1970-01-01T00:00:00Z' })).total).toBe(2);
    expect((await query(organization.owner, { to_timestamp: new Date().toISOString() })).total).toBe(2);
  });

  it('take every time of RFC 3339', async () => {
    await putOrganizationSettings({ a: 1 });
    for (const from_timestamp of ['0001-01-01T00:00:00Z', '1969-12-31t23:59:59.9999999999z', '2016-12-31T23:59:60Z']) {
      const conditions = { from_timestamp, to_timestamp: '9999-12-31T23:59:59Z' };
      expect((await query(organization.owner, conditions)).total).toBe(1);
      expect((await query(organization.owner, { to_timestamp: from_timestamp })).total).toBe(0);
    }
    expect((await query(organization.owner, { from_timestamp: '9999-12-31T23:59:59-14:00' })).total).toBe(0);
  });

  it('take every member that the published client sends', async () => {
    await putOrganizationSettings({ a: 1 });
    const conditions = {
      from_timestamp: '2020-01-01T00:00:00.000Z',
      to_timestamp: '2999-01-01T00:00:00.000Z',
      contextId: organization.id,
      context: 8,
      event: 1,
      userId: organization.owner,
      workspaceId: null,
      showUnread: true,
    };
    expect((await query(organization.owner, conditions)).total).toBe(1);
  });

  it('take contexts and events by their names', async () => {
    await putOrganizationSettings({ a: 1 });
    await put('/settings/user', organization.user, { mine: 1 });
    const contextsOf = async (conditions: object) =>
      (await query(organization.owner, conditions)).events.map(({ context }) => context);
    expect(await contextsOf({ context: 'orgsettings', event: 'updated' })).toStrictEqual(
      await contextsOf({ context: 8, event: 1 }),
    );
    expect(await contextsOf({ context: 'usersettings' })).toStrictEqual(['usersettings']);
    expect(await contextsOf({ context: 'bucket' })).toStrictEqual([]);
  });

  it('come in pages, with the number of all', async () => {
    for (const n of [1, 2, 3, 4, 5]) await putOrganizationSettings({ n });
    const versions = async (skip: number, take: number) => {
      const { events, ...rest } = await query(organization.owner, { skip, take });
      expect(rest).toStrictEqual({ total: 5, skip, take });
      return events.map((event) => (JSON.parse(event.jsonData) as { version: number }).version);
    };
    expect(await versions(0, 2)).toStrictEqual([5, 4]);
    expect(await versions(4, 2)).toStrictEqual([1]);
    expect(await versions(9, 2)).toStrictEqual([]);
  });

  it('take defaults for what is left out', async () => {
    await putOrganizationSettings({ a: 1 });
    expect((await post(organization.owner, {})).body).toMatchObject({ total: 1, skip: 0, take: 100 });
  });
});

describe('many system events', () => {
  const fill = (count: number) =>
    app.dataSource.query(
      `insert into organization_changes (organization_id, context, version, id, at, operation, actor_id, patch)
       select $1::uuid, 8, n, change_id_of(now() - n * interval '10 milliseconds', 8, $1::text, n),
         now() - n * interval '10 milliseconds', 'merge', case when n % 1000 = 0 then 'rare' else $2::text end,
         '[{"op":"replace","path":"/a","value":1}]'
       from generate_series(1, $3::integer) n`,
      [organization.id, organization.owner, count],
    );

  it('are counted exactly up to 10,000', async () => {
    await fill(10_000);
    expect(await query(organization.owner, { take: 1 })).toMatchObject({ total: 10_000 });
    expect(await query(organization.owner, { take: 1 })).not.toHaveProperty('more');
    await put(`/organization/${organization.id}`, organization.owner, { city: 'Bonn' });
    expect(await query(organization.owner, { take: 1 })).toMatchObject({ total: 10_000, more: true });
    expect(await query(organization.owner, { take: 1, userId: 'rare' })).toMatchObject({ total: 10 });
    expect(await query(organization.owner, { take: 1, userId: 'rare' })).not.toHaveProperty('more');
  });

  it('take no longer than their page does, and are shown also where nobody counted them', async () => {
    await fill(100_000);
    await app.dataSource.query('analyze organization_changes');
    const times: number[] = [];
    for (const [conditions, expected] of [
      [{}, { total: 10_000, more: true }],
      [{ userId: 'rare' }, { total: 50, more: true }],
      [{ showUnread: true }, { total: 10_000, more: true }],
      [{ skip: 60_000 }, { total: 10_000, more: true }],
    ] as const) {
      const start = performance.now();
      const found = await query(organization.owner, { take: 20, ...conditions });
      times.push(performance.now() - start);
      expect(found).toMatchObject(expected);
      expect(found.events).toHaveLength(20);
    }
    // Quiet, it is 20 to 150 ms.
    expect(Math.max(...times)).toBeLessThan(1_500);
  }, 60_000);
});
