import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { type RequestOptions, TestApp } from '../support/app.js';
import { aService, anOrganization, type TestOrganization } from '../support/factories.js';
import { SERVER_URL } from '../support/server.js';
import { untilSessionsWait } from '../support/waiting-sessions.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  await app.request('PUT', '/settings/organization', { as: organization.owner, body: { first: 1 } });
  await app.request('PUT', '/settings/user', { as: organization.owner, body: { first: 1 } });
});

type Query = (text: string, values?: unknown[]) => Promise<unknown>;

/**
 * Sends a change while its row is locked, does something in the transaction that holds the lock, and lets the change go
 * on.
 */
async function whileItWaits(
  { table, key, id }: { table: string; key: string; id: string },
  send: () => Promise<{ status: number; body: unknown }>,
  meanwhile: (query: Query) => Promise<unknown>,
) {
  const holder = app.dataSource.createQueryRunner();
  try {
    await holder.startTransaction();
    await holder.query(`select from ${table} where ${key} = $1 for update`, [id]);
    const answer = send();
    await untilSessionsWait(app.dataSource);
    await meanwhile((text, values) => holder.query(text, values));
    await holder.commitTransaction();
    return await answer;
  } finally {
    if (holder.isTransactionActive) await holder.rollbackTransaction();
    await holder.release();
  }
}

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const FORBIDDEN = 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization';

describe.runIf(SERVER_URL !== undefined)('a change that waited for a lock', () => {
  const settings = () => ({ table: 'organization_settings', key: 'organization_id', id: organization.id });
  const profile = () => ({ table: 'organizations', key: 'id', id: organization.id });
  const change = (method: string, options: RequestOptions) => () =>
    app.request(method, '/settings/organization', { as: organization.owner, ...options });
  const storedSettings = async () => {
    const [row] = await app.dataSource.query<{ settings: unknown }[]>(
      'select settings from organization_settings where organization_id = $1',
      [organization.id],
    );
    return row!.settings;
  };
  const demote = (query: Query) =>
    query('update members set role = $1 where organization_id = $2 and user_id = $3', [
      Role.USER,
      organization.id,
      organization.owner,
    ]);

  it.each([
    ['PUT', { body: { late: 1 } }],
    ['POST', { body: { settings: { late: 1 } } }],
    ['DELETE', { body: { keys: ['first'] } }],
    ['PATCH', { body: [{ op: 'add', path: '/late', value: 1 }], headers: JSON_PATCH }],
  ])('is refused where the role was withdrawn meanwhile: %s', async (method, options) => {
    const answer = await whileItWaits(settings(), change(method, options), demote);
    expect(answer.status).toBe(403);
    expect(answer.body).toStrictEqual({ success: false, message: `${FORBIDDEN} settings` });
    expect(await storedSettings()).toStrictEqual({ first: 1 });
  });

  it('is refused where the membership ended meanwhile', async () => {
    const answer = await whileItWaits(settings(), change('PUT', { body: { late: 1 } }), (query) =>
      query('update members set deleted_at = now() where user_id = $1', [organization.owner]),
    );
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual({ success: false, message: 'User not associated with any organization' });
    expect(await storedSettings()).toStrictEqual({ first: 1 });
  });

  it('is refused where the organization was deleted meanwhile', async () => {
    const answer = await whileItWaits(settings(), change('PUT', { body: { late: 1 } }), (query) =>
      query('update organizations set deleted_at = now() where id = $1', [organization.id]),
    );
    expect(answer.status).toBe(404);
    expect(await storedSettings()).toStrictEqual({ first: 1 });
  });

  it('is refused where the scope of a service account was withdrawn meanwhile', async () => {
    const service = await aService(app.dataSource, ['settings:read', 'settings:write']);
    const options = { as: service, body: { late: 1 }, headers: { 'x-organization-id': organization.id } };
    const answer = await whileItWaits(settings(), change('PUT', options), (query) =>
      query(`update service_accounts set scopes = '{settings:read}' where id = $1`, [service]),
    );
    expect(answer.status).toBe(403);
    expect(await storedSettings()).toStrictEqual({ first: 1 });
  });

  it('is refused for a profile, too', async () => {
    const put = () =>
      app.request('PUT', `/organization/${organization.id}`, { as: organization.owner, body: { city: 'Rome' } });
    const refused = await whileItWaits(profile(), put, demote);
    expect(refused.status).toBe(403);
    expect(refused.body).toStrictEqual({ success: false, data: null, message: FORBIDDEN });
    const gone = await whileItWaits(
      profile(),
      () =>
        app.request('PUT', `/organization/${organization.id}`, {
          as: organization.administrator,
          body: { city: 'Rome' },
        }),
      (query) => query('update organizations set deleted_at = now() where id = $1', [organization.id]),
    );
    expect(gone.status).toBe(404);
    const [row] = await app.dataSource.query<{ city: unknown }[]>('select city from organizations where id = $1', [
      organization.id,
    ]);
    expect(row!.city).toBeNull();
  });

  it('is made where the role was only given meanwhile to somebody else', async () => {
    const answer = await whileItWaits(settings(), change('PUT', { body: { late: 1 } }), (query) =>
      query('update members set role = $1 where user_id = $2', [Role.OWNER, organization.user]),
    );
    expect(answer.status).toBe(200);
    expect(await storedSettings()).toStrictEqual({ first: 1, late: 1 });
  });
});

describe.runIf(SERVER_URL !== undefined)('a change whose author is erased while it waits', () => {
  const erase = async (query: Query) => {
    await query('update users set deleted_at = now() where id = $1', [organization.owner]);
    await query('select erase_user($1)', [organization.owner]);
  };

  it.each([
    ['/settings/organization', 'organization_settings', 'organization_id'],
    ['/settings/user', 'user_settings', 'user_id'],
  ])('leaves nothing of them: %s', async (path, table, key) => {
    const id = table === 'user_settings' ? organization.owner : organization.id;
    const headers = { 'change-reason': 'A reason that names Ada' };
    const send = () => app.request('PUT', path, { as: organization.owner, body: { late: 1 }, headers });
    const answer = await whileItWaits({ table, key, id }, send, erase);
    expect(answer.status).toBe(404);
    for (const one of ['organization_changes', 'user_changes', 'user_settings', 'members', 'users']) {
      const rows = await app.dataSource.query<unknown[]>(
        `select t from ${one} t where t::text like $1 or t::text like $2`,
        [`%${organization.owner}%`, '%names Ada%'],
      );
      expect(rows, one).toStrictEqual([]);
    }
  });

  it('leaves nothing of them either when it waits to make their first document', async () => {
    const author = organization.billing;
    const send = () => app.request('PUT', '/settings/user', { as: author, body: { late: 1 } });
    const answer = await whileItWaits({ table: 'users', key: 'id', id: author }, send, async (query) => {
      await query('update users set deleted_at = now() where id = $1', [author]);
      await query('select erase_user($1)', [author]);
    });
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
  });
});
