import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, aUser, type TestOrganization } from '../support/factories.js';
import { dataOf, memberRequests, type Options } from './members.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

const { activate, ask, create, get, remove, rename, resend, setRole, update } = memberRequests(() => app);

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
