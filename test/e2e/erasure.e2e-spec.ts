import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

/** Every row of every table in which a text stands. */
async function rowsWith(text: string): Promise<string[]> {
  const tables = await app.dataSource.query<{ name: string }[]>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await app.dataSource.query<{ rows: number }[]>(
        `select count(*)::integer as rows from ${name} t where t::text like $1`,
        [`%${text}%`],
      );
      return row!.rows > 0 ? name : '';
    }),
  );
  return found.filter((name) => name !== '').sort();
}

it('an erased user leaves nothing of themselves behind, and what they changed stays', async () => {
  const { id: organizationId, owner } = await anOrganization(app.dataSource);
  const email = 'erase.me@example.com';
  const member = ['--organization', organizationId, '--role', 'ADMINISTRATOR'];
  const { id } = await app.admin<{ id: string }>('create-user', '--email', email, '--name', 'Erasmus', ...member);
  await app.request('PUT', '/settings/user', { as: id, body: { diary: 'Dear diary' } });
  const headers = { 'change-reason': 'Erasmus wants it' };
  await app.request('PUT', '/settings/organization', { as: id, body: { shared: true }, headers });
  await app.request('PUT', `/organization/${organizationId}`, { as: id, body: { city: 'Basel' } });
  const events = await app.request('POST', '/systemevent', { as: id, body: {} });
  const ids = (events.body as { events: { id: number }[] }).events.map((event) => event.id);
  expect((await app.request('POST', '/systemevent/read', { as: id, body: { ids } })).status).toBe(200);
  expect(await rowsWith(id)).toHaveLength(7);

  await expect(app.admin('erase-user', '--user', email)).rejects.toThrow(/delete-user comes first/);
  await app.admin('delete-user', '--user', email);
  expect(await app.admin('erase-user', '--user', email, '--reason', 'Requested')).toStrictEqual({ id, isErased: true });

  for (const trace of [id, email, 'Erasmus', 'Dear diary']) expect(await rowsWith(trace)).toStrictEqual([]);
  expect((await app.request('GET', '/settings/user', { as: id })).status).toBe(404);
  const settings = await app.request('GET', '/settings/organization', { as: owner });
  expect(settings.body).toStrictEqual({ success: true, settings: { shared: true } });
  const versions = await app.request('GET', '/settings/organization/versions', { as: owner });
  expect(versions.body).toMatchObject({
    versions: [{ version: 1, actor: { id: null, email: null }, paths: ['/shared'] }],
  });
  const seen = await app.request('POST', '/systemevent', { as: owner, body: {} });
  expect((seen.body as { events: object[] }).events).toMatchObject([
    { context: 'org', userId: null, userName: null, userEmail: null },
    { context: 'orgsettings', userId: null },
  ]);
  await expect(app.admin('erase-user', '--user', id)).rejects.toThrow(/No user has/);
});
