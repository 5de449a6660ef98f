import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { anOrganization, aUser, type TestOrganization } from '../support/factories.js';
import { detailsOf, eventRequests, type Found } from './system-events.js';

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
  it.each<[string, unknown, string, string?]>([
    ['no body', undefined, 'the body must be an object'],
    ['an array', [], 'the body must be an object'],
    ['too many', { take: 101 }, 'take must not be greater than 100'],
    ['none', { take: 0 }, 'take must not be less than 1'],
    ['text as number', { take: '5' }, 'take must be a whole number'],
    ['a negative skip', { skip: -1 }, 'skip must not be less than 0'],
    [
      'a wrong time',
      { from_timestamp: 'yesterday' },
      'from_timestamp must be a date-time with an offset, such as 2026-11-21T12:00:00Z',
    ],
    [
      'a time without an offset',
      { to_timestamp: '2026-11-21T12:00:00' },
      'to_timestamp must be a date-time with an offset, such as 2026-11-21T12:00:00Z: it has no offset',
    ],
    [
      'a time that is a number',
      { from_timestamp: 5 },
      'from_timestamp must be a date-time with an offset, such as 2026-11-21T12:00:00Z',
    ],
    ['a misspelt member', { contextid: 'x' }, 'unknown member contextid (did you mean contextId?)'],
    [
      'an unknown member',
      { filter: 'x', take: 1 },
      'unknown member filter (known: from_timestamp, to_timestamp, contextId, context, event, userId, workspaceId, ' +
        'showUnread, skip, take)',
    ],
    ['__proto__', '{"__proto__":{}}', expect.stringMatching(/^unknown member __proto__ /) as string],
    ['an unknown query parameter', {}, 'unknown parameter take (known: none)', '?take=1'],
    [
      'an unknown context',
      { context: 'organisation' },
      'context must be the index or the name of a context ' +
        '(workspace, bucket, repo, user, org, workspaceuser, apikey, ' +
        'usersettings, orgsettings, orgpolicy, impact)',
    ],
    [
      'an event in capitals',
      { event: 'Updated' },
      'event must be the index or the name of an event (created, updated, deleted)',
    ],
    ['half a context', { context: 8.5 }, expect.stringMatching(/^context must be the index or the name of /) as string],
    [
      'a wrong event',
      { event: 3 },
      expect.stringMatching(/^event must be the index or the name of an event/) as string,
    ],
    ['an id that is none', { userId: 5 }, 'userId must be an id'],
    ['U+0000', { contextId: '\0' }, 'contextId must be an id'],
    ['a flag that is none', { showUnread: 'yes' }, 'showUnread must be true or false'],
    ['malformed JSON', '{', 'Malformed JSON in request body'],
  ])('refuse %s', async (_, body, error, query = '') => {
    const answer = await app.request('POST', `/systemevent${query}`, { as: organization.owner, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, message: 'Failed to get system events', error });
  });

  it('are for administrators those of the organization, for others their own', async () => {
    const other = await anOrganization(app.dataSource);
    await putOrganizationSettings({ a: 1 });
    await put('/settings/user', organization.user, { mine: 1 });
    await put('/settings/user', organization.billing, { theirs: 1 });
    await put('/settings/organization', other.owner, { foreign: 1 });
    const seen = async (as: string) => (await query(as)).events.map(({ contextId }) => contextId);
    for (const as of [organization.owner, organization.administrator]) {
      expect(await seen(as)).toStrictEqual([organization.billing, organization.user, organization.id]);
    }
    expect(await seen(organization.user)).toStrictEqual([organization.user]);
    expect(await seen(organization.workspaces)).toStrictEqual([]);
    expect(await seen(other.owner)).toStrictEqual([other.id]);
  });

  it('follow the role that the database has now', async () => {
    await putOrganizationSettings({ a: 1 });
    const setRole = (role: Role) =>
      app.dataSource.query('update members set role = $1 where organization_id = $2 and user_id = $3', [
        role,
        organization.id,
        organization.user,
      ]);
    expect((await query(organization.user)).total).toBe(0);
    await setRole(Role.ADMINISTRATOR);
    expect((await query(organization.user)).total).toBe(1);
    await setRole(Role.USER);
    expect((await query(organization.user)).total).toBe(0);
    await app.dataSource.query('update members set role = $1 where user_id = $2', [Role.USER, organization.owner]);
    expect((await query(organization.owner)).total).toBe(1);
  });

  it('are there for a user of no organization, and not for nobody', async () => {
    const loner = await aUser(app.dataSource);
    await put('/settings/user', loner, { a: 1 });
    const { events } = await query(loner);
    expect(events).toMatchObject([{ context: 'usersettings', contextId: loner, orgId: null, userId: loner }]);
    const answer = await post('nobody', {});
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
    expect((await post('nobody', 'malformed')).status).toBe(404);
  });

  it('show no secret, and to others no value of user settings', async () => {
    await putOrganizationSettings({
      smtp: { host: 'mail', Password: 'hunter2', nested: { apiKey: ['k1', { a: 'k2' }] } },
      accessToken: 'letmein',
      keys: 12345678901234567890n.toString(),
      list: [{ client_secret: 's3' }],
      tokens: { count: 5 },
    });
    await app.request('DELETE', '/settings/organization', { as: organization.owner, body: { keys: ['accessToken'] } });
    await put('/settings/user', organization.user, { theme: 'private-value', password: 'p4ss' });
    const { events } = await query(organization.owner);
    const text = events.map(({ jsonData }) => jsonData).join('\n');
    for (const secret of ['hunter2', 'k1', 'k2', 'letmein', 's3', '"count"', 'private-value', 'p4ss']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('"mail"');
    expect(text).toContain('/accessToken');
    expect(text).toContain('/theme');
    const [own] = (await query(organization.user)).events;
    expect(own!.jsonData).toContain('private-value');
    expect(own!.jsonData).not.toContain('p4ss');
  });

  it.each([295, 300, 1_990, 2_000, 10_000])('show no secret below a key of %i letters', async (length) => {
    const [long, plain] = ['x'.repeat(length), 'y'.repeat(length)];
    const nested = Array.from({ length: 20 }).reduce<object>((inner) => ({ ['level/~'.repeat(20)]: inner }), {
      password: 'deep-secret',
      host: 'deep-mail',
    });
    await putOrganizationSettings({ [long]: {}, [plain]: {}, [`${long}Token`]: 'ending-secret', nested: {} });
    await putOrganizationSettings({ [long]: { password: 'hunter2', more: { apiKey: 'k1' } }, [plain]: 5, nested });
    const { events } = await query(organization.owner);
    const text = events.map(({ jsonData }) => jsonData).join('\n');
    for (const secret of ['hunter2', 'k1', 'deep-secret', 'ending-secret']) expect(text).not.toContain(secret);
    const [event] = events;
    expect(detailsOf(event!).patch.every(({ path }) => path.length <= 300)).toBe(true);
    expect(text.includes('"value":5')).toBe(length < 2_000);
  });

  it('know secrets by the names of keys, not by how a pointer writes them', async () => {
    const strict = await TestApp.start({ SECRET_KEY_PATTERNS: '^a/b$, ^c~d$, ^~1$' });
    const { owner: as } = await anOrganization(strict.dataSource);
    const body = { 'a/b': 'secret-1', 'c~d': { x: 'secret-2' }, '~1': 'secret-3', 'a~1b': 'shown-1', '/': 'shown-2' };
    await strict.request('PUT', '/settings/organization', { as, body: { 'c~d': {} } });
    await strict.request('PUT', '/settings/organization', { as, body });
    const answer = await strict.request('POST', '/systemevent', { as, body: {} });
    await strict.close();
    const text = (answer.body as Found).events.map(({ jsonData }) => jsonData).join('\n');
    expect(text).not.toMatch(/secret-/);
    for (const shown of ['shown-1', 'shown-2']) expect(text).toContain(shown);
  });

  it('keep every digit, leave long values out, and end long lists', async () => {
    await app.request('PUT', '/settings/organization', {
      as: organization.owner,
      body: `{"big":12345678901234567890,"long":"${'x'.repeat(2000)}"}`,
    });
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${n}`, n]));
    await putOrganizationSettings(wide);
    const [many, few] = (await query(organization.owner)).events;
    expect(few!.jsonData).toContain('"value":12345678901234567890');
    expect(detailsOf(few!).patch[1]).toStrictEqual({ op: 'add', path: '/long', valueBytes: 2002 });
    expect(detailsOf(many!)).toMatchObject({ operations: 60 });
    expect(detailsOf(many!).patch).toHaveLength(50);
  });

  it('take other patterns of secrets', async () => {
    const strict = await TestApp.start({ SECRET_KEY_PATTERNS: '^pin$, social' });
    const { owner: as } = await anOrganization(strict.dataSource);
    const body = { pin: 1234, spinning: 5678, socialSecurity: 91011, password: 'shown' };
    await strict.request('PUT', '/settings/organization', { as, body });
    const answer = await strict.request('POST', '/systemevent', { as, body: {} });
    const { jsonData } = (answer.body as Found).events[0]!;
    expect(jsonData).not.toContain('1234');
    expect(jsonData).not.toContain('91011');
    expect(jsonData).toContain('5678');
    expect(jsonData).toContain('shown');
    await strict.close();
  });
});

describe('marks of system events', () => {
  const mark = (as: string, body: unknown, method = 'POST') => app.request(method, '/systemevent/read', { as, body });
  const unread = async (as: string) => (await query(as, { showUnread: true })).events.map(({ id }) => id);

  it('are the own ones of each caller, and can be taken back', async () => {
    for (const n of [1, 2, 3]) await putOrganizationSettings({ n });
    const ids = await unread(organization.owner);
    expect(ids).toHaveLength(3);
    expect((await mark(organization.owner, { id: ids[0] })).body).toStrictEqual({ success: true });
    expect((await mark(organization.owner, { ids: [ids[0], ids[1]] })).status).toBe(200);
    expect(await unread(organization.owner)).toStrictEqual([ids[2]]);
    expect(await unread(organization.administrator)).toStrictEqual(ids);
    const { events } = await query(organization.owner);
    expect(events.map(({ showUnread }) => showUnread)).toStrictEqual([false, false, true]);
    expect((await mark(organization.owner, { ids: [ids[0], ids[2]] }, 'DELETE')).body).toStrictEqual({ success: true });
    expect(await unread(organization.owner)).toStrictEqual([ids[0], ids[2]]);
    expect((await query(organization.owner, { showUnread: true })).total).toBe(2);
  });

  it('are for events that the caller may see: all named ones, or none', async () => {
    await putOrganizationSettings({ a: 1 });
    const [id] = await unread(organization.owner);
    for (const [as, ids, missing] of [
      [organization.user, [id], id],
      [organization.owner, [id, 5], 5],
    ] as const) {
      for (const method of ['POST', 'DELETE']) {
        const answer = await mark(as, { ids }, method);
        expect(answer.status).toBe(404);
        expect(answer.body).toStrictEqual({
          success: false,
          message: 'Event not found',
          error: `there is no event ${missing}`,
        });
      }
    }
    expect(await unread(organization.owner)).toStrictEqual([id]);
  });

  it.each([
    ['no body', undefined, 'the body must be an object'],
    ['neither', {}, 'id or ids is required'],
    ['nulls', { id: null, ids: null }, 'id or ids is required'],
    ['text', { id: '5' }, 'id must be the id of an event'],
    ['no elements', { ids: [] }, 'ids must not be empty'],
    ['no array', { ids: 5 }, 'ids must be an array'],
    ['an element that is no id', { ids: [1, 'x'] }, 'ids must be ids of events'],
    ['a nested element', { ids: [[1]] }, 'ids must be ids of events'],
    ['a fraction', { id: 1.5 }, 'id must be the id of an event'],
    ['too many', { ids: Array.from({ length: 1001 }, (_, n) => n) }, 'ids must contain no more than 1000 elements'],
  ])('are refused for %s', async (_, body, error) => {
    for (const method of ['POST', 'DELETE']) {
      const answer = await mark(organization.owner, body, method);
      expect(answer.status).toBe(400);
      expect(answer.body).toStrictEqual({ success: false, message: 'Failed to mark system events', error });
    }
  });
});
