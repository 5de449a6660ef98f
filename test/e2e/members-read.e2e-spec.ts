import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { memberRequests } from './members.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

const { ask, list, remove } = memberRequests(() => app);

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
