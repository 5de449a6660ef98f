import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';

let app: TestApp;
let organization: TestOrganization;
let foreign: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  [organization, foreign] = await Promise.all([anOrganization(app.dataSource), anOrganization(app.dataSource)]);
});

type Options = Omit<NonNullable<Parameters<TestApp['request']>[2]>, 'as'>;

const ask = (as: string | undefined, method: string, path: string, body?: unknown, options: Options = {}) =>
  app.request(method, path, {
    ...(as !== undefined && { as }),
    ...(body !== undefined && { body }),
    ...options,
  });
const list = (as: string, query = '') => ask(as, 'GET', `/organization/users${query}`);
const get = (as: string, id: string, options?: Options) =>
  ask(as, 'GET', `/organization/users/${encodeURIComponent(id)}`, undefined, options);
const create = (as: string, body: object = {}, options?: Options) =>
  ask(
    as,
    'POST',
    '/organization/users',
    { email: anEmail(), firstName: 'Grace', lastName: 'Hopper', ...body },
    options,
  );
const update = (as: string, id: string, body: object, options?: Options) =>
  ask(as, 'PUT', `/organization/users/${id}`, body, options);
const remove = (as: string, id: string, options?: Options) =>
  ask(as, 'DELETE', `/organization/users/${id}`, undefined, options);
const activate = (as: string, id: string) => ask(as, 'POST', `/organization/users/${id}/activate`);
const resend = (as: string, id: string) => ask(as, 'POST', `/organization/users/${id}/resend-invitation`);
const setRole = (as: string, id: string, orgRole: unknown) => ask(as, 'PUT', `/user/${id}/role`, { orgRole });
const rename = (as: string, id: string, body: object) => ask(as, 'PUT', `/user/${id}`, body);

const anEmail = () => `${randomUUID()}@example.com`;
const dataOf = (answer: { body: unknown }) => (answer.body as { data: Record<string, unknown> }).data;

describe('a new member', () => {
  it('is made as the documentation says, and can be read back', async () => {
    const email = anEmail();
    const body = { email: `  ${email.toUpperCase()} `, firstName: ' Grace ', lastName: 'Hopper', orgRole: 1 };
    const answer = await create(organization.administrator, { ...body, password: 'a secret', provider: 'GOOGLE' });
    expect(answer.status).toBe(201);
    const { id } = dataOf(answer);
    const user = {
      id,
      email,
      name: 'Grace',
      lastName: 'Hopper',
      orgId: organization.id,
      orgRole: 1,
      validated: false,
      deletedAt: null,
      orgRoleDescription: 'BILLING',
      orgRoles: [0, 1],
    };
    expect(answer.text).toBe(
      JSON.stringify({
        success: true,
        data: user,
        message: 'User created successfully. Verification email sent.',
      }),
    );
    const found = await get(organization.workspaces, String(id));
    expect(found.text).toBe(JSON.stringify(user));
    expect(found.headers.etag).toBe(answer.headers.etag);
    expect(answer.text).not.toContain('secret');
  });

  it('is a USER who is invited, unless the body says otherwise', async () => {
    const invited = await create(organization.owner, { orgRole: null, sendInvite: null });
    expect(dataOf(invited)).toMatchObject({ orgRole: 0, orgRoles: [0] });
    expect(invited.body).toHaveProperty('message', 'User created successfully. Verification email sent.');
    const answer = await create(organization.owner, { sendInvite: false });
    expect(answer.body).toHaveProperty('message', 'User created successfully.');
    const rows = await app.dataSource.query<{ user_id: string }[]>(
      'select user_id, inviter_id from invitations where organization_id = $1',
      [organization.id],
    );
    expect(rows).toStrictEqual([{ user_id: dataOf(invited)['id'], inviter_id: organization.owner }]);
  });

  it.each([
    ['email', { email: 'nobody' }, 'email must be an email address of at most 254 characters'],
    ['email', { email: '\u212aate@example.com' }, 'email must be an email address of at most 254 characters'],
    ['email', { email: 'ü@example.com' }, 'email must be an email address of at most 254 characters'],
    ['email', { email: undefined }, 'email must be an email address of at most 254 characters'],
    [
      'email',
      { email: `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(20)}.com` },
      'email must be an email address of at most 254 characters',
    ],
    ['firstName', { firstName: ' ' }, 'firstName must not be empty'],
    ['lastName', { lastName: 'a\nb' }, 'lastName must not contain control characters'],
    ['lastName', { lastName: 'x'.repeat(201) }, 'lastName must have at most 200 characters'],
    ['orgRole', { orgRole: '1' }, 'orgRole must be a whole number'],
    ['orgRole', { orgRole: 3 }, 'Invalid role combination'],
    ['sendInvite', { sendInvite: 'no' }, 'sendInvite must be true or false'],
  ])('is refused for a wrong %s: %j', async (_field, body, message) => {
    const answer = await create(organization.owner, body);
    expect([answer.status, answer.body]).toStrictEqual([400, { success: false, data: {}, message }]);
    expect((await list(organization.owner)).body).toHaveProperty('total', 5);
  });

  it('has an email that nobody else has, in any case, in any organization', async () => {
    const email = anEmail();
    expect((await create(organization.owner, { email })).status).toBe(201);
    const answer = await create(foreign.owner, { email: email.toUpperCase() });
    expect([answer.status, answer.body, answer.headers['x-error-code']]).toStrictEqual([
      409,
      { success: false, data: {}, message: 'User with this email already exists' },
      'EMAIL_TAKEN',
    ]);
    expect((await list(foreign.owner)).body).toHaveProperty('total', 5);
  });

  it('may have the email of somebody who was deleted before they came, who then cannot be activated', async () => {
    const email = anEmail();
    const first = String(dataOf(await create(organization.owner, { email }))['id']);
    await remove(organization.owner, first);
    expect((await create(foreign.owner, { email, sendInvite: false })).status).toBe(201);
    const answer = await activate(organization.owner, first);
    expect([answer.status, answer.body]).toStrictEqual([
      409,
      { success: false, message: 'User with this email already exists' },
    ]);
  });

  it('may have the email of somebody whose invitation is too old', async () => {
    const email = anEmail();
    const first = String(dataOf(await create(organization.owner, { email }))['id']);
    await app.dataSource.query(`update users set invited_at = now() - interval '15 days' where id = $1`, [first]);
    expect((await create(foreign.owner, { email })).status).toBe(201);
    await app.dataSource.query(`update users set invited_at = now() - interval '13 days' where email = $1`, [email]);
    expect((await create(organization.owner, { email })).status).toBe(409);
  });

  it('is refused for a while where a caller asked for too many emails of others', async () => {
    const email = anEmail();
    await create(organization.owner, { email });
    const statuses = new Set<number>();
    for (let i = 0; i < 50; i += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => create(foreign.owner, { email })));
      answers.forEach(({ status }) => statuses.add(status));
    }
    expect([...statuses]).toStrictEqual([409]);
    const answer = await create(foreign.owner);
    expect([answer.status, answer.body]).toStrictEqual([
      429,
      { success: false, data: {}, message: 'Too many requests' },
    ]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3000);
    expect((await create(foreign.administrator)).status).toBe(201);
  });
});

describe('who may do what', () => {
  const CALLERS = ['user', 'billing', 'workspaces', 'administrator', 'owner'] as const;
  const MAY: Record<(typeof CALLERS)[number], Role[]> = {
    user: [],
    billing: [],
    workspaces: [Role.USER, Role.BILLING],
    administrator: [Role.USER, Role.BILLING, Role.WORKSPACES, Role.ADMINISTRATOR],
    owner: [Role.USER, Role.BILLING, Role.WORKSPACES, Role.ADMINISTRATOR, Role.OWNER],
  };
  const ROLES = MAY.owner;
  const ok = (isAllowed: boolean, status = 200) => (isAllowed ? status : 403);

  it.each(CALLERS)('%s: by role of the member, and by the new one', async (name) => {
    const caller = organization[name];
    for (const role of ROLES) {
      const isAllowed = MAY[name].includes(role);
      const target = await aMember(app.dataSource, organization.id, role);
      const seen = [
        (await create(caller, { orgRole: role, sendInvite: false })).status,
        (await update(caller, target, { name: 'Other' })).status,
        (await rename(caller, target, { name: 'Another' })).status,
        (await remove(caller, target)).status,
        (await activate(caller, target)).status,
      ];
      const refused = await remove(organization.owner, target);
      expect(refused.status).toBe(200);
      seen.push((await activate(caller, target)).status);
      await activate(organization.owner, target);
      for (const next of ROLES) {
        await app.dataSource.query('update members set role = $2 where user_id = $1', [target, role]);
        const mayGive = isAllowed && MAY[name].includes(next);
        seen.push((await setRole(caller, target, next)).status - ok(mayGive));
      }
      const deleted = isAllowed ? [200, 200] : [403, 403];
      expect([name, role, ...seen]).toStrictEqual([
        name,
        role,
        ok(isAllowed, 201),
        ok(isAllowed),
        ok(isAllowed),
        ...deleted,
        ok(isAllowed),
        ...ROLES.map(() => 0),
      ]);
    }
  });

  it('sees members from WORKSPACES on', async () => {
    for (const name of CALLERS) {
      const isAllowed = ['workspaces', 'administrator', 'owner'].includes(name);
      expect((await list(organization[name])).status).toBe(ok(isAllowed));
      expect((await get(organization[name], organization.user)).status).toBe(ok(isAllowed));
      expect((await ask(organization[name], 'GET', `/user/${organization.owner}`)).body).toStrictEqual({
        success: true,
        data: {
          userId: organization.owner,
          orgRole: 255,
          orgRoleDescription: 'OWNER',
          orgRoles: [0, 1, 2, 254, 255],
        },
      });
    }
  });

  it('hears so in the words of the endpoint, also without an organization', async () => {
    const stranger = await aUser(app.dataSource);
    for (const caller of [organization.billing, stranger]) {
      const target = organization.user;
      const plain = (message: string) => ({ success: false, message: `Insufficient permissions to ${message}` });
      expect((await list(caller)).body).toStrictEqual({ success: false, data: [], total: 0 });
      expect((await get(caller, target)).body).toStrictEqual(plain('view users'));
      expect((await create(caller)).body).toStrictEqual({ data: {}, ...plain('create users') });
      expect((await update(caller, target, { name: 'x' })).body).toStrictEqual({ data: {}, ...plain('update users') });
      expect((await remove(caller, target)).body).toStrictEqual(plain('delete users'));
      expect((await activate(caller, target)).body).toStrictEqual(plain('activate users'));
      expect((await resend(caller, target)).body).toStrictEqual(plain('invite users'));
      expect((await rename(caller, target, { name: 'x' })).body).toStrictEqual(plain('update users'));
      expect((await setRole(caller, target, 0)).body).toStrictEqual(plain('update user roles'));
    }
    const answer = await ask(stranger, 'GET', `/user/${organization.user}`);
    expect([answer.status, answer.body]).toStrictEqual([
      403,
      { success: false, message: 'User not associated with any organization' },
    ]);
  });

  it('is refused before anything about the query and the body', async () => {
    const { user, workspaces, administrator, owner } = organization;
    const wrong = { orgRole: 'x' };
    expect((await update(user, owner, wrong)).status).toBe(403);
    expect((await rename(user, owner, { password: 'x' })).status).toBe(403);
    expect((await setRole(user, owner, 9)).status).toBe(403);
    expect((await update(workspaces, administrator, wrong)).status).toBe(403);
    expect((await update(workspaces, foreign.user, wrong)).status).toBe(403);
    expect((await update(workspaces, randomUUID(), wrong)).status).toBe(404);
    expect((await ask(workspaces, 'GET', `/organization/users/${foreign.user}?x=1`)).status).toBe(403);
    expect((await ask(administrator, 'GET', `/user/${foreign.user}?x=1`)).status).toBe(404);
    expect((await ask(administrator, 'DELETE', `/organization/users/${randomUUID()}?x=1`)).status).toBe(404);
    expect((await update(owner, user, wrong)).status).toBe(400);
    expect((await rename(user, user, {})).status).toBe(400);
  });

  it('may change their own name, and lower their own role, and no more', async () => {
    expect((await rename(organization.user, organization.user, { name: 'Me', lastName: 'Too' })).body).toStrictEqual({
      success: true,
      message: 'User updated successfully',
    });
    expect((await setRole(organization.user, organization.user, 1)).status).toBe(403);
    expect((await setRole(organization.workspaces, organization.workspaces, 254)).status).toBe(403);
    expect((await setRole(organization.administrator, organization.administrator, 255)).status).toBe(403);
    const lowered = await setRole(organization.administrator, organization.administrator, 0);
    expect(lowered.body).toStrictEqual({
      success: true,
      data: {
        userId: organization.administrator,
        previousRole: 254,
        newRole: 0,
        message: 'User role updated successfully',
      },
    });
    expect((await list(organization.administrator)).status).toBe(403);
  });

  it('cannot delete themselves', async () => {
    for (const caller of [organization.workspaces, organization.administrator, organization.owner]) {
      const answer = await remove(caller, caller);
      expect([answer.status, answer.body]).toStrictEqual([400, { success: false, message: 'Cannot delete yourself' }]);
    }
  });
});

describe('a user of another organization', () => {
  it('is a 403, and nothing is changed', async () => {
    const message = (words: string) => ({ success: false, message: `Insufficient permissions to ${words}` });
    expect((await get(organization.owner, foreign.user)).body).toStrictEqual(message('view users'));
    expect((await remove(organization.owner, foreign.user)).body).toStrictEqual(message('delete users'));
    expect((await setRole(organization.owner, foreign.user, 0)).body).toStrictEqual(message('update user roles'));
    expect((await update(organization.owner, foreign.user, { name: 'x' })).status).toBe(403);
    expect((await activate(organization.owner, foreign.user)).status).toBe(403);
    const answer = await ask(organization.owner, 'GET', `/user/${foreign.user}`);
    expect([answer.status, answer.body]).toStrictEqual([404, { success: false, message: 'User not found' }]);
    expect((await get(foreign.owner, foreign.user)).body).toMatchObject({ name: 'Ada', deletedAt: null, orgRole: 0 });
  });

  it('is a 404 where the operator hides them', async () => {
    const hiding = await TestApp.start({ HIDE_FOREIGN_USERS: 'true' }, app.database);
    try {
      for (const method of ['GET', 'DELETE']) {
        const answer = await hiding.request(method, `/organization/users/${foreign.user}`, { as: organization.owner });
        expect([answer.status, answer.body]).toStrictEqual([404, { success: false, message: 'User not found' }]);
      }
    } finally {
      await hiding.close();
    }
  });

  it('is a 404 where there is none', async () => {
    for (const id of [randomUUID(), 'x', 'profile', '%00', 'ü'.repeat(200)]) {
      const answer = await get(organization.owner, id);
      expect([answer.status, answer.body]).toStrictEqual([404, { success: false, message: 'User not found' }]);
    }
    expect((await update(organization.owner, randomUUID(), { name: 'x' })).body).toStrictEqual({
      success: false,
      data: {},
      message: 'User not found',
    });
    expect((await setRole(organization.owner, randomUUID(), 0)).status).toBe(404);
  });
});

describe('the list', () => {
  it('has all of the organization by email, also those who are deleted, and no others', async () => {
    await remove(organization.owner, organization.billing);
    const answer = await list(organization.workspaces);
    const { data, total } = answer.body as {
      data: { id: string; email: string; deletedAt: string | null }[];
      total: number;
    };
    expect(total).toBe(5);
    expect(data.map(({ id }) => id).sort()).toStrictEqual(
      Object.values({ ...organization, id: undefined })
        .filter(Boolean)
        .sort(),
    );
    expect(data.map(({ email }) => email)).toStrictEqual(data.map(({ email }) => email).sort());
    expect(data.find(({ id }) => id === organization.billing)?.deletedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const active = await list(organization.workspaces, '?deleted=false');
    expect(active.body).toMatchObject({ total: 4 });
    expect(active.text).not.toContain(organization.billing);
  });

  it('goes on where its Link says, to the last one', async () => {
    const expected = (await list(organization.owner)).body as { data: { id: string }[] };
    const seen: string[] = [];
    let path: string | undefined = '/organization/users?limit=2';
    let pages = 0;
    while (path !== undefined) {
      const answer = await ask(organization.owner, 'GET', path);
      const { data, total } = answer.body as { data: { id: string }[]; total: number };
      expect(total).toBe(5);
      seen.push(...data.map(({ id }) => id));
      path = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1];
      pages++;
    }
    expect(pages).toBe(3);
    expect(seen).toStrictEqual(expected.data.map(({ id }) => id));
  });

  it.each([
    ['limit=0', 'limit must not be less than 1'],
    ['limit=1001', 'limit must not be greater than 1000'],
    ['limit=x', 'limit must be a whole number'],
    ['after=nowhere', 'after must come from the Link header of a list'],
    ['deleted=no', 'deleted must be true or false'],
    ['limt=2', 'unknown parameter limt (did you mean limit?)'],
  ])('refuses %s', async (query, message) => {
    const answer = await list(organization.owner, `?${query}`);
    expect([answer.status, answer.body]).toStrictEqual([400, { success: false, data: [], total: 0, message }]);
  });
});

describe('a change of a member', () => {
  it('is stored with its version, and shown', async () => {
    const answer = await update(organization.owner, organization.user, {
      firstName: 'Augusta',
      lastName: 'King',
      orgRole: 2,
    });
    expect(answer.body).toMatchObject({
      success: true,
      data: { name: 'Augusta', lastName: 'King', orgRole: 2, orgRoles: [0, 1, 2] },
      message: 'User updated successfully',
    });
    expect(String(answer.headers['etag'])).toMatch(/^"1-/);
    const again = await update(organization.owner, organization.user, { name: 'Augusta' });
    expect([again.status, again.headers['etag']]).toStrictEqual([200, answer.headers['etag']]);
  });

  it.each([
    [{}, 'No valid fields to update'],
    [{ email: 'other@example.com' }, 'No valid fields to update'],
    [{ name: '' }, 'name must not be empty'],
    [{ lastName: null }, 'lastName must be a string'],
    [{ orgRole: 7 }, 'Invalid role combination'],
    [{ orgRole: true }, 'orgRole must be a whole number'],
  ])('is refused when it is %j', async (body, message) => {
    const answer = await update(organization.owner, organization.user, body);
    expect([answer.status, answer.body]).toStrictEqual([400, { success: false, data: {}, message }]);
  });

  it('is made to the version that it names, or not at all', async () => {
    const before = String((await get(organization.owner, organization.user)).headers['etag']);
    const named = { headers: { 'if-match': before } };
    expect((await update(organization.owner, organization.user, { name: 'First' }, named)).status).toBe(200);
    const late = await update(organization.owner, organization.user, { name: 'Second' }, named);
    expect(late.status).toBe(412);
    expect(late.headers['current-version-by']).toBe(organization.owner);
    expect(late.headers['current-version-at']).toMatch(/Z$/);
    expect((await remove(organization.owner, organization.user, named)).status).toBe(412);
    expect((await get(organization.owner, organization.user)).body).toMatchObject({ name: 'First', deletedAt: null });
    const now = String(late.headers['etag']);
    const known = await get(organization.owner, organization.user, { headers: { 'if-none-match': now } });
    expect([known.status, known.text]).toStrictEqual([304, '']);
  });

  it('takes no password', async () => {
    const answer = await rename(organization.user, organization.user, { name: 'x', password: 'y' });
    expect([answer.status, answer.body]).toStrictEqual([
      400,
      { success: false, message: 'Passwords are managed by the identity provider' },
    ]);
  });

  it('works with the next request of the member, on every instance', async () => {
    const other = await TestApp.start({}, app.database);
    try {
      const read = () => other.request('PUT', '/settings/organization', { as: organization.user, body: { a: 1 } });
      expect((await read()).status).toBe(403);
      await setRole(organization.owner, organization.user, 254);
      expect((await read()).status).toBe(200);
      await setRole(organization.owner, organization.user, 0);
      expect((await read()).status).toBe(403);
      await remove(organization.owner, organization.user);
      const own = await other.request('GET', '/settings/user', { as: organization.user });
      expect([own.status, own.body]).toMatchObject([404, { message: 'User not found' }]);
      await activate(organization.owner, organization.user);
      expect((await other.request('GET', '/settings/user', { as: organization.user })).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('is an event with its author and reason', async () => {
    const reason = { headers: { 'change-reason': 'New team' } };
    const id = String(dataOf(await create(organization.owner, { orgRole: 1 }, reason))['id']);
    await update(organization.administrator, id, { name: 'Amazing', orgRole: 2 }, reason);
    await remove(organization.owner, id, reason);
    await activate(organization.owner, id);
    const events = await ask(organization.owner, 'POST', '/systemevent', { context: 'user', contextId: id });
    const { events: data } = events.body as {
      events: { event: string; userId: string; jsonData: string }[];
    };
    const shown = data.map(({ event, userId, jsonData }) => {
      const { operation, patch, reason: why } = JSON.parse(jsonData) as Record<string, unknown>;
      return [event, userId, operation, (patch as { path: string }[]).map(({ path }) => path), why];
    });
    expect(shown).toStrictEqual([
      ['updated', organization.owner, 'restore', ['/deletedAt'], null],
      ['deleted', organization.owner, 'delete', ['/deletedAt'], 'New team'],
      ['updated', organization.administrator, 'update', ['/name', '/role'], 'New team'],
      ['created', organization.owner, 'create', ['/role', '/invited'], 'New team'],
    ]);
  });
});

describe('a deletion', () => {
  it('is the same a second time', async () => {
    for (let time = 1; time <= 2; time++) {
      const answer = await remove(organization.owner, organization.user);
      expect([answer.status, answer.body]).toStrictEqual([
        200,
        { success: true, message: 'User deleted successfully' },
      ]);
    }
    const [row] = await app.dataSource.query<{ version: string }[]>('select version from users where id = $1', [
      organization.user,
    ]);
    expect(row?.version).toBe('1');
  });

  it('leaves nobody to change, and is taken back', async () => {
    await remove(organization.owner, organization.user);
    for (const answer of [
      await update(organization.owner, organization.user, { name: 'x' }),
      await setRole(organization.owner, organization.user, 1),
      await resend(organization.owner, organization.user),
      await ask(organization.owner, 'GET', `/user/${organization.user}`),
    ]) {
      expect([answer.status, answer.body]).toMatchObject([404, { message: 'User not found' }]);
    }
    expect((await activate(organization.owner, organization.user)).body).toStrictEqual({
      success: true,
      message: 'User activated successfully',
    });
    const again = await activate(organization.owner, organization.user);
    expect([again.status, again.body]).toStrictEqual([400, { success: false, message: 'User is not deleted' }]);
  });

  it('leaves an owner', async () => {
    const role = await setRole(organization.owner, organization.owner, 254);
    expect([role.status, role.body]).toStrictEqual([400, { success: false, message: 'Invalid role combination' }]);
    const put = await update(organization.owner, organization.owner, { orgRole: 0 });
    expect([put.status, put.body]).toStrictEqual([
      400,
      { success: false, data: {}, message: 'Invalid role combination' },
    ]);
    const second = await aMember(app.dataSource, organization.id, Role.OWNER);
    expect((await remove(second, organization.owner)).status).toBe(200);
    expect((await setRole(second, second, 0)).status).toBe(400);
  });
});

describe('an invitation', () => {
  it('comes to a mailbox once in ten minutes, whoever it was before', async () => {
    const email = anEmail();
    const id = String(dataOf(await create(organization.owner, { email }))['id']);
    await remove(organization.owner, id);
    for (const by of [organization.owner, foreign.owner]) {
      const answer = await create(by, { email });
      expect([answer.status, answer.body]).toStrictEqual([
        429,
        { success: false, data: {}, message: 'Too many requests' },
      ]);
    }
    await app.dataSource.query(`update users set invited_at = now() - interval '11 minutes' where id = $1`, [id]);
    expect((await create(foreign.owner, { email })).status).toBe(201);
  });

  it('is sent again to who has not come, at most once in ten minutes', async () => {
    const id = String(dataOf(await create(organization.owner))['id']);
    const early = await resend(organization.owner, id);
    expect([early.status, early.body]).toMatchObject([429, { success: false, message: 'Too many requests' }]);
    expect(Number(early.headers['retry-after'])).toBeLessThanOrEqual(600);
    await app.dataSource.query(`update users set invited_at = now() - interval '11 minutes' where id = $1`, [id]);
    expect((await resend(organization.owner, id)).body).toStrictEqual({
      success: true,
      message: 'Invitation sent successfully',
    });
    const validated = await resend(organization.owner, organization.user);
    expect([validated.status, validated.body]).toStrictEqual([
      400,
      { success: false, message: 'User is already validated' },
    ]);
  });

  it('is one of at most 1,000 a day', async () => {
    await app.dataSource.query(
      `insert into invitations (organization_id, id, user_id, inviter_type, invited_at)
       select $1, md5(n::text)::uuid, 'x', 'operator', now() - interval '23 hours' from generate_series(1, 1000) n`,
      [organization.id],
    );
    const answer = await create(organization.owner);
    expect([answer.status, answer.headers['retry-after']]).toStrictEqual([429, '3600']);
    expect((await list(organization.owner)).body).toHaveProperty('total', 5);
    expect((await create(organization.owner, { sendInvite: false })).status).toBe(201);
  });
});

describe('a request without a body', () => {
  it('needs no media type', async () => {
    const headers = { 'content-type': '' };
    expect((await remove(organization.owner, organization.user, { headers })).status).toBe(200);
    expect((await activate(organization.owner, organization.user)).status).toBe(200);
  });

  it('has the envelope of its row also where there is no token', async () => {
    const bodies = await Promise.all(
      (
        [
          ['GET', '/organization/users'],
          ['POST', '/organization/users'],
          ['GET', `/organization/users/${organization.user}`],
          ['GET', '/user/profile'],
          ['POST', '/mfa/organization/enforce'],
        ] as const
      ).map(async ([method, path]) => (await ask(undefined, method, path)).body),
    );
    const error = 'a bearer token is required';
    expect(bodies).toStrictEqual([
      { success: false, data: [], total: 0 },
      { success: false, data: {}, message: 'Unauthorized' },
      { success: false, message: 'Unauthorized', error },
      { success: false, message: 'Unauthorized', error },
      { success: false, error: 'Unauthorized' },
    ]);
  });
});

describe("a user's own profile", () => {
  it('says who and what they are', async () => {
    await app.dataSource.query('update organizations set mfa_enforced = true, is_business = true where id = $1', [
      organization.id,
    ]);
    const [{ email } = { email: '' }] = await app.dataSource.query<{ email: string }[]>(
      'select email from users where id = $1',
      [organization.workspaces],
    );
    expect((await ask(organization.workspaces, 'GET', '/user/profile')).body).toStrictEqual({
      success: true,
      data: {
        id: organization.workspaces,
        name: 'Ada',
        lastName: null,
        email,
        orgId: organization.id,
        orgRole: 2,
        orgRoleDescription: 'WORKSPACES',
        orgRoles: [0, 1, 2],
        validated: true,
        mfaRequired: true,
        isBusiness: true,
      },
    });
  });

  it('has no organization where there is none', async () => {
    const id = await aUser(app.dataSource);
    expect((await ask(id, 'GET', '/user/profile')).body).toMatchObject({
      success: true,
      data: {
        id,
        orgId: null,
        orgRole: null,
        orgRoleDescription: null,
        orgRoles: [],
        mfaRequired: false,
        isBusiness: false,
      },
    });
  });

  it('is no service account’s, nor of anybody unknown', async () => {
    const service = await aService(app.dataSource, ['members:read'], { organizationId: organization.id });
    for (const as of [service, randomUUID()]) {
      const answer = await ask(as, 'GET', '/user/profile');
      expect([answer.status, answer.body]).toStrictEqual([404, { success: false, message: 'User not found' }]);
    }
  });
});

describe('a service account', () => {
  const about = (id: string) => ({ headers: { 'x-organization-id': id } });

  it('acts as an ADMINISTRATOR with members:write, and looks with members:read', async () => {
    const writer = await aService(app.dataSource, ['members:write']);
    const reader = await aService(app.dataSource, ['members:read'], { organizationId: organization.id });
    const named = about(organization.id);
    expect((await create(writer, { orgRole: 254 }, named)).status).toBe(201);
    expect((await create(writer, { orgRole: 255 }, named)).status).toBe(403);
    expect((await update(writer, organization.owner, { name: 'x' }, named)).status).toBe(403);
    expect((await remove(writer, organization.user, named)).status).toBe(200);
    expect((await ask(reader, 'GET', '/organization/users', undefined, named)).body).toMatchObject({ total: 6 });
    expect((await get(reader, organization.user, named)).status).toBe(200);
    expect((await ask(reader, 'GET', `/user/${organization.owner}`, undefined, named)).status).toBe(200);
  });

  it('hears which scope it lacks, and that it names no organization', async () => {
    const reader = await aService(app.dataSource, ['members:read'], { organizationId: organization.id });
    const writer = await aService(app.dataSource, ['members:write'], { organizationId: organization.id });
    const above = await remove(writer, organization.owner, about(organization.id));
    expect([above.status, above.body]).toStrictEqual([
      403,
      { success: false, message: 'Insufficient permissions to delete users' },
    ]);
    const refused = await remove(reader, organization.user, about(organization.id));
    expect([refused.status, refused.body, refused.headers['x-error-code']]).toStrictEqual([
      403,
      {
        success: false,
        message: 'Insufficient permissions to delete users',
        error: 'the scope members:write is required',
      },
      'INSUFFICIENT_SCOPE',
    ]);
    const unnamed = await get(reader, organization.user);
    expect([unnamed.status, unnamed.body]).toStrictEqual([
      400,
      { success: false, message: 'X-Organization-Id is required' },
    ]);
    expect((await get(reader, foreign.user, about(foreign.id))).status).toBe(403);
  });
});

describe('multi-factor authentication', () => {
  const enforce = (as: string, body: unknown, options?: Options) =>
    ask(as, 'POST', '/mfa/organization/enforce', body, options);

  it('is the flag of the profile, with its version and event', async () => {
    const answer = await enforce(organization.administrator, { enforced: true });
    expect([answer.status, answer.body]).toStrictEqual([
      200,
      { success: true, message: 'MFA enforcement enabled for organization' },
    ]);
    const profile = await ask(organization.user, 'GET', `/organization/${organization.id}`);
    expect(profile.body).toMatchObject({ data: { mfaEnforced: true } });
    expect(profile.headers['etag']).toBe(answer.headers['etag']);
    expect((await enforce(organization.owner, { enforced: false })).body).toStrictEqual({
      success: true,
      message: 'MFA enforcement disabled for organization',
    });
  });

  it('is refused in its own words', async () => {
    const stranger = await aUser(app.dataSource);
    expect(await enforce(stranger, { enforced: true })).toMatchObject({
      status: 400,
      body: { success: false, error: 'User not associated with an organization' },
    });
    expect(await enforce(organization.workspaces, { enforced: true })).toMatchObject({
      status: 403,
      body: { success: false, error: 'Insufficient permissions. OWNER or ADMINISTRATOR role required.' },
    });
    for (const body of [{}, { enforced: 'true' }, { enforced: null }]) {
      const answer = await enforce(organization.owner, body);
      expect([answer.status, answer.body]).toStrictEqual([
        400,
        { success: false, error: 'enforced must be a boolean' },
      ]);
    }
  });
});
