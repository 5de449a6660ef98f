import { expect } from 'vitest';
import { AdministrationService } from '../../src/admin/administration.service.js';
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
