import { afterAll, beforeAll, expect, it } from 'vitest';
import { AdministrationService } from '../../src/admin/administration.service.js';
import { SettingsPrunerService } from '../../src/settings/settings-pruner.service.js';
import { TestApp } from '../support/app.js';
import { createRoles } from '../support/database-roles.js';
import { anOrganization } from '../support/factories.js';
import { describeWithPostgres, PostgresServer } from '../support/postgres-server.js';

describeWithPostgres('the two database roles of the README', () => {
  let server: PostgresServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await PostgresServer.start();
    app = await TestApp.start(await createRoles(server), server);
  });
  afterAll(async () => {
    await app?.close();
    await server?.drop();
  });

  it('let the service do all that it does for its callers', async () => {
    const { id, owner, user } = await anOrganization(app.dataSource);
    const statusOf = async (method: string, path: string, as: string, body?: unknown) =>
      (await app.request(method, path, { as, body })).status;
    expect(await statusOf('PUT', '/settings/organization', owner, { a: 1 })).toBe(200);
    expect(await statusOf('PUT', '/settings/user', user, { a: 1 })).toBe(200);
    expect(await statusOf('PUT', `/organization/${id}`, owner, { city: 'Paris' })).toBe(200);
    expect(await statusOf('GET', '/settings/organization/versions/1/diff', user)).toBe(200);
    const { body } = await app.request('POST', '/systemevent', { as: owner, body: {} });
    const ids = (body as { events: { id: number }[] }).events.map((event) => event.id);
    expect(ids).not.toHaveLength(0);
    expect(await statusOf('POST', '/systemevent/read', owner, { ids })).toBe(200);
    expect(await statusOf('DELETE', '/systemevent/read', owner, { ids })).toBe(200);
    expect(await app.nest.get(SettingsPrunerService).prune()).toBe(0);
  });

  it('let the administration command do all that it does', async () => {
    const administration = app.nest.get(AdministrationService);
    const { id: organization } = await administration.createOrganization({ name: 'Acme', domain: 'acme.com' });
    const { id } = await administration.createUser({ email: 'ada@acme.com', name: 'Ada', organization });
    await administration.setRole(id, 'OWNER');
    await administration.deleteUser(id);
    await administration.restoreUser(id);
    await administration.deleteUser(id);
    expect(await administration.eraseUser(id)).toStrictEqual({ id, isErased: true });
  });

  it('do not let the service change the schema', async () => {
    await expect(app.dataSource.query('create table mine (id int)')).rejects.toMatchObject({ code: '42501' });
    await expect(app.dataSource.query('alter table users add column mine int')).rejects.toMatchObject({
      code: '42501',
    });
  });
});
