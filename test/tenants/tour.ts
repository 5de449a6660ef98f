import { expect } from 'vitest';
import { AdministrationService } from '../../src/admin/administration.service.js';
import { ServiceAdministrationService } from '../../src/admin/service-administration.service.js';
import { SERVICE_SCOPES } from '../../src/auth/service-scope.js';
import { SettingsPrunerService } from '../../src/settings/settings-pruner.service.js';
import type { RequestOptions, TestApp } from '../support/app.js';

/** Everything that callers and operators can have done. Versions are pruned where the application keeps but one. */
export async function tour(app: TestApp): Promise<void> {
  const administration = app.nest.get(AdministrationService);
  const { id } = await administration.createOrganization({ name: 'Acme', domain: 'acme.example' });
  const member = { organization: id, name: 'Ada' };
  const { id: as } = await administration.createUser({ ...member, email: 'ada@acme.example', role: 'OWNER' });
  const { id: other } = await administration.createUser({ ...member, email: 'bob@acme.example' });
  await administration.setRole('bob@acme.example', 'ADMINISTRATOR');

  const call = async (method: string, path: string, options: RequestOptions = {}) => {
    const answer = await app.request(method, path, { as, ...options });
    expect(answer.status, `${method} ${path} ${answer.text}`).toBe(200);
    return answer.body;
  };
  const patch = (path: string, format: string, body: unknown) =>
    call('PATCH', path, { body, headers: { 'content-type': `application/${format}+json` } });
  for (const path of ['/settings/organization', '/settings/user']) {
    await call('PUT', path, { body: { a: { b: 1 } } });
    await call('POST', path, { body: { settings: { a: 1, b: 2 } } });
    await call('DELETE', path, { body: { keys: ['b'] } });
    await patch(path, 'merge-patch', { a: 2 });
    await patch(path, 'json-patch', [{ op: 'add', path: '/c', value: 1 }]);
    await call('POST', `${path}/versions/1/restore`);
    await call('GET', path);
    await call('GET', `${path}?at=${new Date().toISOString()}`);
    await call('GET', `${path}/versions`);
    await call('GET', `${path}/versions?before=3`);
    await call('GET', `${path}/versions/1`);
    await call('GET', `${path}/versions/3/diff?from=1`);
  }
  await call('GET', `/organization/${id}`);
  await call('PUT', `/organization/${id}`, { body: { city: 'Basel' } });
  const services = app.nest.get(ServiceAdministrationService);
  const service = await services.create({ name: 'Billing', organization: id, scopes: [...SERVICE_SCOPES] });
  const byService = { as: service.id, headers: { 'x-organization-id': id } };
  await call('PUT', '/settings/organization', { ...byService, body: { byService: 1 } });
  await call('POST', '/settings/organization', { ...byService, body: { settings: { byService: 1, b: 2 } } });
  await call('DELETE', '/settings/organization', { ...byService, body: { keys: ['b'] } });
  await call('GET', '/settings/organization', byService);
  await call('GET', `/settings/organization?at=${new Date().toISOString()}`, byService);
  await call('GET', '/settings/organization/versions', byService);
  await call('GET', '/settings/organization/versions/1', byService);
  await call('GET', '/settings/organization/versions/2/diff', byService);
  await call('POST', '/settings/organization/versions/1/restore', byService);
  await call('GET', `/organization/${id}`, byService);
  await call('PUT', `/organization/${id}`, { ...byService, body: { city: 'Bern' } });
  await services.setScopes(service.id, { scopes: ['settings:read'] });
  await services.list();
  await services.delete(service.id);
  await services.restore(service.id);

  for (const user of [as, other]) {
    const { events } = (await call('POST', '/systemevent', { as: user, body: {} })) as { events: { id: number }[] };
    const ids = events.map((event) => event.id);
    await call('POST', '/systemevent/read', { as: user, body: { ids } });
    await call('DELETE', '/systemevent/read', { as: user, body: { ids } });
  }
  await app.request('GET', '/settings/user', { as: 'nobody' });

  await app.nest.get(SettingsPrunerService).prune();
  await administration.listOrganizations();
  await administration.listUsers();
  await administration.listUsers(id);
  await administration.deleteUser(other);
  await administration.restoreUser(other);
  await administration.deleteUser(other);
  await administration.eraseUser(other);
}
