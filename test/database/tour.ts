import { expect } from 'vitest';
import type { RequestOptions, TestApp } from '../support/app.js';

const LONGEST_TOUR_MS = 600_000;

/** So many keys that a version with them is kept whole. */
const MANY_KEYS = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`key${n}`, n]));

/**
 * What callers of every route and operators of every command see, one line for each reply. Ids and times, which differ
 * from one tour to the next, have numbers in their place.
 */
export async function tour(app: TestApp): Promise<Tour> {
  const lines: string[] = [];
  const admin = async (...args: string[]) => {
    const printed = await app.admin<{ id: string }>(...args);
    lines.push(`${args[0]} ${JSON.stringify(printed)}`);
    return printed;
  };
  const call = async (method: string, path: string, options: RequestOptions) => {
    const answer = await app.request(method, path, options);
    lines.push(`${method} ${path} ${answer.status} ${String(answer.headers['etag'])} ${answer.text}`);
    return answer;
  };

  const { id: organization } = await admin('create-organization', '--name', 'Acme', '--domain', 'acme.example');
  const member = (name: string, role: string) =>
    admin(
      'create-user',
      '--email',
      `${name}@acme.example`,
      '--name',
      name,
      '--organization',
      organization,
      '--role',
      role,
    );
  const { id: owner } = await member('ada', 'OWNER');
  const { id: other } = await member('bob', 'USER');
  await admin('set-role', '--user', 'bob@acme.example', '--role', 'ADMINISTRATOR');
  const scopes = 'settings:read,settings:write,organization:read,organization:write';
  const { id: service } = await admin(
    'create-service',
    '--name',
    'Backup',
    '--organization',
    organization,
    '--scopes',
    scopes,
  );

  const as = owner;
  const byService = { as: service, headers: { 'x-organization-id': organization } };
  for (const path of ['/settings/organization', '/settings/user']) {
    const patch = (format: string, body: unknown) =>
      call('PATCH', path, { as, body, headers: { 'content-type': `application/${format}+json` } });
    await call('GET', path, { as });
    const beginning = new Date().toISOString();
    await call('PUT', path, { as, body: { 'a\\b': { "c'd": 'NULL', e: null, '': '\\x41 \\n "' } } });
    await call('PUT', path, { as, body: { 'a\\b': { "c'd": 0.1 }, n: 12345678901234567890n.toString() } });
    await call('POST', path, { as, body: { settings: { a: 1, b: { c: [1, null, 'NULL'] }, d: 'x' } } });
    await call('DELETE', path, { as, body: { keys: ['d', 'b\\.c', 'NULL'] } });
    await call('PUT', `${path}?dryRun=true`, { as, body: { a: 2 } });
    await patch('merge-patch', { a: null, b: { c: { '\\': true } } });
    await patch('json-patch', [{ op: 'add', path: '/f', value: { g: '\\' } }]);
    await patch('json-patch', [{ op: 'test', path: '/f', value: 1 }]);
    await call('PUT', path, { as, body: { late: true }, headers: { 'if-match': '"1"' } });
    const { headers } = await call('GET', path, { as });
    await call('GET', path, { as, headers: { 'if-none-match': String(headers['etag']) } });
    await call('POST', `${path}/versions/2/restore`, { as, headers: { 'change-reason': "it's \\ better" } });
    await call('PUT', path, { as, body: MANY_KEYS });
    await call('GET', `${path}/versions`, { as });
    await call('GET', `${path}/versions?before=3&limit=1`, { as });
    await call('GET', `${path}/versions/3`, { as });
    await call('GET', `${path}/versions/99`, { as });
    await call('GET', `${path}/versions/4/diff?from=1`, { as });
    await call('GET', `${path}/versions/4/diff`, { as });
    await call('GET', `${path}?at=${encodeURIComponent(beginning)}`, { as });
    await call('GET', `${path}?at=${encodeURIComponent(new Date().toISOString())}`, { as });
  }
  for (const caller of [{ as }, byService, { as: other }]) {
    await call('GET', '/settings/organization', caller);
    await call('GET', '/settings/organization/versions/2', caller);
    await call('GET', `/organization/${organization}`, caller);
    await call('PUT', `/organization/${organization}`, {
      ...caller,
      body: { city: `O'Fallon\\${caller.as.length}`, zipcode: '' },
    });
    await call('PUT', '/settings/organization', {
      ...caller,
      body: { by: { [caller.as === service ? 'service' : 'user']: 1 } },
    });
  }
  await call('GET', `/organization/${organization}`, { as, headers: { 'if-none-match': '"1"' } });
  await call('PUT', `/organization/${organization}`, { as, body: { mfaEnforced: 'yes' } });
  await call('POST', `/organization/${organization}/versions/1/restore`, { as });
  for (const at of ['/versions', '/versions/0', '/versions/1', '/versions/2/diff', '/versions/99']) {
    await call('GET', `/organization/${organization}${at}`, { as });
  }
  await call('GET', `/organization/${organization}?at=${encodeURIComponent(new Date().toISOString())}`, { as });
  await call('GET', '/settings/user', { as: 'nobody' });

  const day = 86_400_000;
  const times = { from_timestamp: new Date(Date.now() - day), to_timestamp: new Date(Date.now() + day) };
  for (const filter of [{ take: 30 }, { context: 7 }, { ...times, contextId: organization }]) {
    const events = async () => (await call('POST', '/systemevent', { as: other, body: filter })).body as Events;
    const ids = (await events()).events.map(({ id }) => id);
    await call('POST', '/systemevent/read', { as: other, body: { ids } });
    await call('POST', '/systemevent', { as: other, body: { ...filter, showUnread: true } });
    await call('DELETE', '/systemevent/read', { as: other, body: { ids: ids.slice(1) } });
    await events();
  }

  await admin('set-scopes', '--service', service, '--scopes', 'settings:read');
  await admin('delete-service', '--service', service);
  await admin('restore-service', '--service', service);
  await admin('list-services');
  await admin('list-organizations');
  await admin('delete-user', '--user', 'bob@acme.example');
  await call('GET', '/settings/organization', { as: other });
  await admin('restore-user', '--user', 'bob@acme.example');
  await admin('list-users', '--organization', organization);
  await admin('delete-user', '--user', 'ada@acme.example', '--force');
  await admin('erase-user', '--user', 'ada@acme.example');
  await call('GET', '/settings/organization/versions?limit=3', { as: other });
  await admin('list-users');
  return { seen: lines.map(anonymous()), administrator: other };
}

export interface Tour {
  readonly seen: string[];
  /** A user whom the tour leaves behind. */
  readonly administrator: string;
}

interface Events {
  events: { id: number }[];
}

/**
 * Replaces what differs from one tour to the next: ids by the order in which they appear, times, and whose an entity
 * tag is.
 */
function anonymous(): (line: string) => string {
  const ids = new Map<string, string>();
  const nameOf = (id: string) => ids.get(id) ?? ids.set(id, `#${ids.size + 1}`).get(id)!;
  return (line) =>
    line
      .replace(/\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d\.\d{3}Z/g, (time) => {
        expect(Math.abs(Date.parse(decodeURIComponent(time)) - Date.now()), line).toBeLessThan(2 * LONGEST_TOUR_MS);
        return '#time';
      })
      .replace(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b|\b\d{15,16}\b/g, nameOf)
      .replace(/"(\d+)-[\w-]{8}"/g, '"$1"');
}

/**
 * Many callers change one document, and read it, at the same time: they share executions, with and without values that
 * are null.
 *
 * @param as an administrator
 */
export async function crowd(app: TestApp, as: string): Promise<void> {
  const path = '/settings/organization';
  const keys = Array.from({ length: 16 }, (_, n) => `n${n}`);
  const requests = keys.flatMap((key) => [
    app.request('PUT', path, { as, body: { [key]: null } }),
    app.request('GET', path, { as, headers: key < 'n2' ? {} : { 'if-none-match': '"0"' } }),
  ]);
  for (const { status, text } of await Promise.all(requests)) expect([200, 304], text).toContain(status);
  const { body } = await app.request('GET', path, { as });
  expect((body as { settings: object }).settings).toMatchObject(Object.fromEntries(keys.map((key) => [key, null])));
}
