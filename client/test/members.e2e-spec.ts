import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, type TestOrganization } from '../../test/support/factories.js';
import { judgedFetch } from '../../test/support/judged-replies.js';
import { FlashbackClient } from '../src/index.js';
import { rejectionOf } from './a-server.js';

/** People through the client, on the real service. */

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const clientOf = (user: string, organizationId?: string) =>
  new FlashbackClient({ accessToken: app.tokenFor(user), baseUrl: app.url, fetch: judgedFetch, organizationId });
const aPerson = () => ({ email: `${randomUUID()}@example.com`, firstName: 'Grace', lastName: 'Hopper' });

describe('client.organization.users', () => {
  it('creates, reads, changes, deletes and activates', async () => {
    const { users } = clientOf(organization.owner).organization;
    const created = await users.create({ ...aPerson(), orgRole: 1 }, { reason: 'New team' });
    expect(created).toMatchObject({ success: true, version: 0, data: { orgRole: 1, orgRoleDescription: 'BILLING' } });
    const { id } = created.data;
    const updated = await users.update(id, { name: 'Amazing', orgRole: 2 }, { ifVersion: created.version });
    expect(updated).toMatchObject({ version: 1, data: { name: 'Amazing', orgRoles: [0, 1, 2] } });
    expect(await users.get(id)).toStrictEqual({ ...updated.data, version: 1 });
    expect(await rejectionOf(users.update(id, { name: 'x' }, { ifVersion: 0 }))).toMatchObject({
      code: 'precondition_failed',
      currentVersion: 1,
      currentVersionBy: organization.owner,
    });
    expect(await users.delete(id)).toMatchObject({ message: 'User deleted successfully', version: 2 });
    expect(await users.activate(id)).toMatchObject({ message: 'User activated successfully', version: 3 });
    expect(await rejectionOf(users.resendInvitation(id))).toMatchObject({ code: 'rate_limited' });
  });

  it('lists page by page', async () => {
    const { users } = clientOf(organization.workspaces).organization;
    const all = await users.list();
    expect(all).not.toHaveProperty('next');
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await users.list({ limit: 2, after });
      seen.push(...page.data.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toStrictEqual(all.data.map(({ id }) => id));
    expect((await users.list({ deleted: false })).total).toBe(all.total);
  });

  it('says what is wrong', async () => {
    const { users } = clientOf(organization.owner).organization;
    const person = aPerson();
    await users.create(person);
    expect(await rejectionOf(users.create(person))).toMatchObject({
      code: 'conflict',
      message: 'User with this email already exists',
    });
    expect(await rejectionOf(users.delete(organization.owner))).toMatchObject({
      code: 'invalid',
      message: 'Cannot delete yourself',
    });
    for (const id of ['', '.', '..']) expect(await rejectionOf(users.get(id))).toBeInstanceOf(TypeError);
  });

  it('is for service accounts that name the organization', async () => {
    const service = await aService(app.dataSource, ['members:read', 'members:write']);
    const client = clientOf(service, organization.id);
    expect((await client.organization.users.list()).total).toBeGreaterThan(4);
    expect(await client.users.setRole(organization.billing, 0)).toMatchObject({
      data: { previousRole: 1, newRole: 0 },
    });
  });
});

describe('client.users', () => {
  it('reads and changes users', async () => {
    const { users } = clientOf(organization.user);
    const { data } = await users.profile();
    expect(data).toMatchObject({ id: organization.user, orgRoles: [0] });
    expect(await users.get(organization.owner)).toMatchObject({ data: { orgRole: 255 }, version: 0 });
    expect(await users.update(data.id, { name: 'Ada', lastName: 'King' })).toMatchObject({ version: 1 });
    expect(await rejectionOf(users.setRole(data.id, 255))).toMatchObject({ code: 'forbidden' });
  });
});
