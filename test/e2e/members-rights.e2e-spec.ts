import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { memberRequests } from './members.js';

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

const { activate, ask, create, get, list, remove, rename, resend, setRole, update } = memberRequests(() => app);

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
