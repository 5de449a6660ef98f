import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { SERVICE_SCOPES } from '../../src/auth/service-scope.js';
import { anInvitedUser } from '../support/factories.js';
import type { InvitationReceiver } from '../support/invitation-receiver.js';
import type { RequestOptions, TestApp } from '../support/app.js';
import { EventStream } from '../support/event-stream.js';
import { aFolder } from '../support/process.js';

/** A request that has to succeed. @returns the body of the reply */
export type Call = (method: string, path: string, options?: RequestOptions) => Promise<unknown>;

/**
 * Everything that callers and operators can have done, and the work in the background (test/inside/background-work.js).
 * Versions are pruned where the application keeps but one, and thinned where it keeps but 1,024 bytes.
 *
 * @param receiver that of the application's invitations
 */
export async function tour(app: TestApp, receiver?: InvitationReceiver): Promise<void> {
  const admin = async (...args: string[]) => (await app.admin<{ id: string }>(...args)).id;
  const id = await admin('create-organization', '--name', 'Acme', '--domain', 'acme.example');
  const createUser = (email: string, ...options: string[]) =>
    admin('create-user', '--organization', id, '--name', 'Ada', '--email', email, ...options);
  const as = await createUser('ada@acme.example', '--role', 'OWNER');
  const other = await createUser('bob@acme.example', '--id', 'auth0|bob');
  await admin('set-role', '--user', 'bob@acme.example', '--role', 'ADMINISTRATOR');

  const call: Call = async (method, path, options = {}) => {
    const answer = await app.request(method, path, { as, ...options });
    expect(answer.status, `${method} ${path} ${answer.text}`).toBe(200);
    return answer.body;
  };
  await askEverything(call, id);
  // Long enough for the instance to look for new versions.
  for (const path of ['/settings/organization', '/settings/user']) {
    const { headers } = await app.request('GET', path, { as });
    const waiting = await app.request('GET', `${path}?wait=2`, {
      as,
      headers: { 'if-none-match': headers['etag'] as string },
    });
    expect(waiting.status).toBe(304);
  }
  const scopes = ['--scopes', SERVICE_SCOPES.join(',')];
  const ofOne = ['--scopes', SERVICE_SCOPES.filter((scope) => !scope.startsWith('system:')).join(',')];
  const service = await admin('create-service', '--name', 'Billing', '--organization', id, ...ofOne);
  const byService = { as: service, headers: { 'x-organization-id': id } };
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
  for (const query of ['', `?user=${as}`, `?user=${as}&at=${new Date().toISOString()}`]) {
    await call('GET', `/settings/effective${query}`, byService);
  }
  await askForVersionsOfTheProfile((method, path) => call(method, path, byService), id);
  const ofAll = await admin('create-service', '--name', 'Copies', '--all', ...scopes);
  await call('GET', '/organizations', { as: ofAll });
  await call('GET', `/organizations?changedSince=${new Date(0).toISOString()}`, { as: ofAll });
  await call('POST', '/settings/batch', { as: ofAll, body: { organizations: [{ id, version: 1 }] } });
  await changeDocuments(call, ofAll);
  await call('PUT', '/settings/system?dryRun=true&impact=true', { as: ofAll, body: { a: 1 } });
  await call('PUT', '/settings/user', { body: { underPolicies: true } });
  await app.admin('settings', 'set', '--json', '{"a":1}');
  await app.admin('settings', 'get', '--policy');
  await watch(app, as, ofAll);
  await admin('set-scopes', '--service', service, '--scopes', 'settings:read');
  await admin('set-rate-limit', '--service', service, '--per-minute', '50000');
  await admin('list-services');
  await admin('delete-service', '--service', service);
  await admin('restore-service', '--service', service);

  await askForEvents((method, path, options) => call(method, path, { as: other, ...options }));
  await app.request('GET', '/settings/user', { as: 'nobody' });
  for (const path of ['/settings/user', '/settings/organization']) {
    await app.request('GET', path, { as, headers: { 'if-match': '"99"' } });
  }

  const made = await app.request('POST', '/organization/users', {
    as,
    body: { email: 'hedy@acme.example', firstName: 'Hedy', lastName: 'Lamarr', sendInvite: false },
  });
  expect(made.status).toBe(201);
  await takeIn(app, id, as, receiver);
  await changeMembers(call, as);
  await moveAndImport(app, other);

  for (const question of ['prune', 'prune-invitations', 'thin']) await app.process.ask(question);
  await admin('list-invitations');
  await admin('list-organizations');
  await admin('list-users');
  await admin('list-users', '--organization', id);
  await app.command('history', '--organization', id, '--user', as);
  await app.command('history', '--system');
  await admin('delete-user', '--user', other, '--force');
  await admin('restore-user', '--user', other);
  await admin('delete-user', '--user', other, '--force');
  await admin('erase-user', '--user', other);
}

/**
 * Two users are invited: one comes as who they are, the other with a subject of the identity provider.
 */
async function takeIn(
  app: TestApp,
  organizationId: string,
  inviterId: string,
  receiver: InvitationReceiver | undefined,
): Promise<void> {
  const { dataSource } = app;
  const known = await anInvitedUser(dataSource, organizationId, inviterId);
  await anInvitedUser(dataSource, organizationId, inviterId, { email: 'grace@acme.example' });
  if (receiver !== undefined) {
    await vi.waitUntil(() => receiver.userIds.length === 2, { timeout: 20_000, interval: 50 });
    await app.request('GET', '/metrics');
  }
  await dataSource.query(`update invitations set invited_at = now() - interval '100 days' where user_id = $1`, [known]);
  await app.request('GET', '/settings/organization', { as: known });
  const token = app.tokenFor('grace', 60, { email: 'grace@acme.example', email_verified: true });
  await app.request('GET', '/settings/organization', { headers: { authorization: `Bearer ${token}` } });
}

/** What a member and a service account of all organizations are told of a change. */
async function watch(app: TestApp, member: string, service: string): Promise<void> {
  const open = (as: string, headers?: Record<string, string>) => EventStream.open(app.url, app.tokenFor(as), headers);
  const streams = [await open(member), await open(service)];
  await Promise.all(streams.map((stream) => stream.until('ready')));
  await app.request('PUT', '/settings/organization', { as: member, body: { watched: true } });
  await Promise.all(streams.map((stream) => stream.until('change')));
  const resumed = await open(service, { 'last-event-id': streams[1]!.lastId! });
  await resumed.until('change');
  for (const stream of [...streams, resumed]) stream.close();
}

/** What is done with policies, and with the settings of the system. */
async function changeDocuments(call: Call, service: string): Promise<void> {
  const json = { 'content-type': 'application/json-patch+json' };
  for (const [path, options] of [
    ['/settings/organization/policy', {}],
    ['/settings/system/policy', { as: service }],
    ['/settings/system', { as: service }],
  ] as const) {
    const content = path.endsWith('policy') ? 'policy' : 'settings';
    for (const enforcement of ['warn', 'off']) {
      // With a schema, changes that it binds are judged.
      await call('POST', path, { ...options, body: { [content]: { enforcement, schema: {} } } });
    }
    const body = [{ op: 'replace', path: '/enforcement', value: 'enforce' }];
    await call('PATCH', path, { ...options, body, headers: json });
    await call('DELETE', path, { ...options, ...(content === 'settings' && { body: { keys: ['enforcement'] } }) });
    await call('POST', `${path}/versions/1/restore`, options);
    await call('GET', `${path}?at=${new Date().toISOString()}`, options);
    await call('GET', `${path}/versions`, options);
    await call('GET', `${path}/versions/1`, options);
    await call('GET', `${path}/versions/3/diff?from=1`, options);
  }
}

/** What an owner does with members. */
async function changeMembers(call: Call, owner: string): Promise<void> {
  await call('GET', '/user/profile');
  await call('GET', '/organization/users?limit=1');
  await call('GET', `/user/${owner}`);
  await call('PUT', `/user/${owner}`, { body: { name: 'Augusta Ada' } });
}

/** What an operator does with users beside what the API does. */
async function moveAndImport(app: TestApp, userId: string): Promise<void> {
  const { id } = await app.admin<{ id: string }>('create-organization', '--name', 'Globex');
  await app.admin('move-user', '--user', userId, '--organization', id, '--role', 'OWNER', '--force');
  await app.admin('set-email', '--user', userId, '--email', 'robert@acme.example');
  const folder = await aFolder();
  const file = join(folder.path, 'users.csv');
  await writeFile(file, 'email,name\nkatherine@acme.example,Katherine\n');
  await app.admin('import-users', '--file', file);
  await folder.remove();
}

/** Every request that an owner can make. */
export async function askEverything(call: Call, organizationId: string): Promise<void> {
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
  await call('PUT', '/settings/organization?dryRun=true&impact=true', { body: { a: { b: 2 } } });
  for (const query of ['explain=true', 'scope=organization', `at=${new Date().toISOString()}`]) {
    await call('GET', `/settings/effective?${query}`);
  }
  await call('GET', `/organization/${organizationId}`);
  await call('PUT', `/organization/${organizationId}`, { body: { city: 'Basel' } });
  await askForVersionsOfTheProfile(call, organizationId);
  await askForEvents(call);
}

async function askForVersionsOfTheProfile(call: Call, organizationId: string): Promise<void> {
  const path = `/organization/${organizationId}`;
  await call('GET', `${path}?at=${new Date().toISOString()}`);
  await call('GET', `${path}/versions`);
  await call('GET', `${path}/versions/0`);
  await call('GET', `${path}/versions/1/diff`);
  await call('POST', `${path}/versions/0/restore`);
}

async function askForEvents(call: Call): Promise<void> {
  const { events } = (await call('POST', '/systemevent', { body: {} })) as { events: { id: number }[] };
  const ids = events.map((event) => event.id);
  await call('POST', '/systemevent/read', { body: { ids } });
  await call('DELETE', '/systemevent/read', { body: { ids } });
}
