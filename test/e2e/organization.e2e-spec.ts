import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { acmeRequests, PROFILE } from './acme.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource, { ...PROFILE, isBusiness: true });
});

const { get, put, profile } = acmeRequests(() => ({ app, organization }));
const version = async () => {
  const [row] = await app.dataSource.query<{ version: string }[]>('select version from organizations where id = $1', [
    organization.id,
  ]);
  return Number(row?.version);
};

describe('happy path', () => {
  it('shows the fields in the documented order, without blanks', async () => {
    const { id, owner } = await anOrganization(app.dataSource, { name: 'Acme', city: 'Köln' });
    const expected =
      `"data":{"id":"${id}","name":"Acme","domain":null,"address1":null,"address2":null,"city":"Köln","zipcode":null,` +
      '"phone":null,"state":null,"country":null,"deletedAt":null,"reposDisabled":false,"website":null,' +
      '"is_business":false,"mfaEnforced":false}';
    expect((await get(owner, id)).text).toBe(`{"success":true,${expected}}`);
    expect((await put(owner, { city: 'Köln' }, id)).text).toBe(
      `{"success":true,${expected},"message":"Organization updated successfully"}`,
    );
  });

  it('shows any member the profile, and exactly that', async () => {
    for (const as of [organization.user, organization.billing, organization.workspaces, organization.owner]) {
      const answer = await get(as);
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ success: true, data: profile() });
    }
  });

  it('changes the named fields and leaves the others alone', async () => {
    const changes = {
      name: 'Updated Organization Name',
      address1: '456 New Business Ave',
      city: 'Los Angeles',
      state: 'CA',
      mfaEnforced: true,
    };
    const answer = await put(organization.administrator, changes);
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({
      success: true,
      data: { ...profile(), ...changes },
      message: 'Organization updated successfully',
    });
    expect((await get(organization.user)).body).toStrictEqual({ success: true, data: { ...profile(), ...changes } });
  });

  it('leaves out silently what cannot be changed', async () => {
    const answer = await put(organization.owner, {
      domain: 'evil.com',
      deletedAt: '2020-01-01T00:00:00Z',
      reposDisabled: true,
      website: 'https://evil.com',
      id: randomUUID(),
      settings: { a: 1 },
      isBusiness: false,
      mfa_enforced: true,
      version: 5,
      ['__proto__']: { name: 'polluted' },
      constructor: { prototype: { name: 'polluted' } },
      phone: '1',
    });
    expect(answer.body).toMatchObject({ success: true, data: { ...profile(), phone: '1' } });
  });

  it('trims text, and clears an optional text with null, an empty string or blanks', async () => {
    const answer = await put(organization.owner, {
      name: '  Acme \n',
      address1: null,
      address2: '',
      city: '   ',
      zipcode: ' 1 ',
    });
    expect(answer.body).toMatchObject({
      data: { name: 'Acme', address1: null, address2: null, city: null, zipcode: '1', state: 'NY' },
    });
  });

  it('counts a version for a real change only', async () => {
    await put(organization.owner, { name: PROFILE.name, is_business: true });
    expect(await version()).toBe(0);
    await put(organization.owner, { name: 'Acme 2' });
    expect(await version()).toBe(1);
  });

  it('takes the id in any case', async () => {
    expect((await get(organization.user, organization.id.toUpperCase())).body).toMatchObject({ data: profile() });
    expect((await put(organization.owner, { city: 'X' }, organization.id.toUpperCase())).status).toBe(200);
  });
});

describe('who may do what', () => {
  const FORBIDDEN = 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization';

  it.each(['user', 'billing', 'workspaces'] as const)('does not let %s change it, whatever they send', async (role) => {
    for (const body of [{ name: 'x' }, {}, 'no JSON']) {
      const answer = await put(organization[role], body);
      expect(answer.status).toBe(403);
      expect(answer.body).toStrictEqual({ success: false, data: null, message: FORBIDDEN });
    }
  });

  it('shows and lets change nothing to the members of another organization', async () => {
    const other = await anOrganization(app.dataSource);
    for (const as of [other.owner, other.user]) {
      await get(as, other.id);
      const read = await get(as);
      expect(read.status).toBe(403);
      expect(read.body).toStrictEqual({
        success: false,
        data: null,
        message: 'Access denied: you can only view your own organization',
      });
      const write = await put(as, { name: 'x' });
      expect(write.status).toBe(403);
      expect(write.body).toStrictEqual({ success: false, data: null, message: FORBIDDEN });
    }
  });

  it.each([['nobody-knows-me'], ['a soft-deleted user']])('treats %s as nobody', async (who) => {
    const as = who.startsWith('nobody') ? who : organization.owner;
    await get(as);
    await app.dataSource.query('update members set deleted_at = now() where user_id = $1', [as]);
    expect((await get(as)).status).toBe(403);
    expect((await put(as, { name: 'x' })).status).toBe(403);
  });

  it('has a role that was withdrawn stop at once, remembered or not', async () => {
    expect((await put(organization.owner, { name: 'before' })).status).toBe(200);
    await app.dataSource.query('update members set role = $1 where user_id = $2', [Role.USER, organization.owner]);
    expect((await put(organization.owner, { name: 'after' })).status).toBe(403);
    expect((await put(organization.owner, 'no JSON')).status).toBe(403);
    await app.dataSource.query('delete from members where user_id = $1', [organization.administrator]);
    expect((await get(organization.administrator)).status).toBe(403);
  });
});

describe('not found', () => {
  const NOT_FOUND = { success: false, data: null, message: 'Organization not found' };

  it.each([
    ['an unknown id', randomUUID()],
    ['no UUID', 'acme'],
    ['a number', '1'],
    ['a UUID and more', `${randomUUID()}x`],
    ['an escape that is none', '%zz'],
    ['invalid UTF-8', '%ff%fe'],
    ['a NUL', '%00'],
    ['a quote', "%27%20or%20'1'%3D'1"],
    ['five thousand characters', 'x'.repeat(5000)],
  ])('answers 404 for %s', async (_, id) => {
    for (const answer of [await get(organization.owner, id), await put(organization.owner, { name: 'x' }, id)]) {
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual(NOT_FOUND);
    }
  });

  it('answers 404 for a soft-deleted organization, remembered or not', async () => {
    await get(organization.owner);
    await app.dataSource.query('update organizations set deleted_at = now() where id = $1', [organization.id]);
    expect((await get(organization.owner)).body).toStrictEqual(NOT_FOUND);
    expect((await put(organization.owner, { name: 'x' })).body).toStrictEqual(NOT_FOUND);
    expect((await put(organization.user, 'no JSON')).body).toStrictEqual(NOT_FOUND);
  });
});

it('keeps both changes of two callers who change different fields at once', async () => {
  await Promise.all(
    ['address1', 'address2', 'city', 'zipcode', 'phone', 'state', 'country'].map(async (field) => {
      expect((await put(organization.owner, { [field]: `new ${field}` })).status).toBe(200);
    }),
  );
  const { data } = (await get(organization.owner)).body as { data: Record<string, string> };
  for (const field of ['address1', 'address2', 'city', 'zipcode', 'phone', 'state', 'country']) {
    expect(data[field]).toBe(`new ${field}`);
  }
  expect(await version()).toBe(7);
});
