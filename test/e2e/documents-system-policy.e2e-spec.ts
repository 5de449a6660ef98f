import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions, TestApp } from '../support/app.js';
import { DOCUMENTS, emptyDocuments, JSON_PATCH, MERGE_PATCH, type Version } from '../support/documents.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';

let app: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  app = await TestApp.start();
  service = await aService(app.dataSource, ['system:read', 'system:write']);
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  await emptyDocuments(app);
});

const DOCUMENTS_OF_SYSTEM = DOCUMENTS.filter(({ path }) => path.startsWith('/settings/system'));
const POLICIES = DOCUMENTS.filter(({ content }) => content === 'policy');

describe.each(DOCUMENTS_OF_SYSTEM)('the $noun', ({ path, content, values: [one] }) => {
  const body = { [content]: one };

  it('is nobody else’s', async () => {
    const scoped = (scopes: Parameters<typeof aService>[1], fields = {}) => aService(app.dataSource, scopes, fields);
    const ofOne = await scoped(['system:read', 'system:write', 'settings:write'], { organizationId: organization.id });
    for (const as of [organization.owner, organization.user, ofOne]) {
      for (const method of ['GET', 'POST', 'PATCH']) {
        const headers = method === 'PATCH' ? MERGE_PATCH : {};
        const answer = await app.request(method, path, { as, headers, ...(method !== 'GET' && { body }) });
        expect([answer.status, answer.body]).toStrictEqual([
          403,
          {
            success: false,
            message: 'Insufficient permissions: only service accounts of all organizations can do this',
          },
        ]);
      }
    }
    const reader = await scoped(['system:read', 'settings:write']);
    expect((await app.request('GET', path, { as: reader })).status).toBe(200);
    expect((await app.request('POST', path, { as: reader, body })).body).toStrictEqual({
      success: false,
      message: 'Insufficient permissions: the scope system:write is required',
    });
    const writer = await scoped(['system:write', 'settings:read']);
    expect((await app.request('POST', path, { as: writer, body })).status).toBe(200);
    expect((await app.request('POST', `${path}?dryRun=true`, { as: writer, body })).status).toBe(403);
    expect((await app.request('GET', path, { as: writer })).status).toBe(403);
    await app.dataSource.query('update service_accounts set deleted_at = now() where id = $1', [writer]);
    expect((await app.request('POST', path, { as: writer, body })).status).toBe(403);
  });

  it('cannot be reached as that of an organization with the nil UUID', async () => {
    const as = await aService(app.dataSource, ['settings:read', 'settings:write', 'system:read', 'system:write']);
    const headers = { 'x-organization-id': '00000000-0000-0000-0000-000000000000' };
    for (const [method, at] of [
      ['GET', '/settings/organization'],
      ['GET', '/settings/organization/versions'],
      ['GET', '/settings/organization/policy'],
      ['POST', '/settings/organization/policy'],
    ] as const) {
      const sent = method === 'POST' ? { body: { policy: {} } } : {};
      expect((await app.request(method, at, { as, headers, ...sent })).status).toBe(404);
    }
    const rows = await app.dataSource.query<unknown[]>(
      'select from organization_documents where organization_id = $1 union all select from system_documents',
      [headers['x-organization-id']],
    );
    expect(rows).toStrictEqual([]);
  });
});

describe.each(POLICIES)('the $noun', ({ path, noun, title, writerOf, ownerOf, values: [one] }) => {
  const send = (method: string, at = '', options: RequestOptions = {}) =>
    app.request(method, `${path}${at}`, { as: writerOf(organization, service), ...options });
  const inForce = () =>
    app.dataSource.query<{ version: string }[]>('select version from policies_in_force where organization_id = $1', [
      ownerOf(organization),
    ]);

  it('is not deleted by a request that names keys, as on the paths of settings', async () => {
    await send('POST', '', { body: { policy: one } });
    const answer = await send('DELETE', '', { body: { keys: ['locks'] } });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'the request must not have a body' });
    expect((await send('GET')).body).toStrictEqual({ success: true, policy: one });
  });

  it('is deleted, which is a version that can be undone', async () => {
    await send('POST', '', { body: { policy: one } });
    expect(await inForce()).toStrictEqual([{ version: '1' }]);
    const answer = await send('DELETE');
    expect(answer.body).toStrictEqual({ success: true, message: `${title} deleted successfully` });
    expect(await inForce()).toStrictEqual([]);
    expect((await send('GET')).body).toStrictEqual({ success: true, policy: {} });
    expect((await send('DELETE')).headers['etag']).toBe(answer.headers['etag']);
    const { versions } = (await send('GET', '/versions')).body as { versions: Version[] };
    expect(versions.map(({ operation }) => operation)).toStrictEqual(['delete', 'replace']);
    expect((await send('POST', '/versions/1/restore')).status).toBe(200);
    expect((await send('GET')).body).toStrictEqual({ success: true, policy: one });
    expect(await inForce()).toStrictEqual([{ version: '3' }]);
  });

  it('has to be one, however it is written', async () => {
    await send('POST', '', { body: { policy: one } });
    const before = await send('GET');
    const refused = (verb: string, answer: Answer, error: string) => {
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ success: false, message: `Failed to ${verb} ${noun}` });
      expect((answer.body as { error: string }).error).toContain(error);
    };
    refused('update', await send('POST', '', { body: { policy: { lock: {} } } }), 'lock');
    const query = '?dryRun=true';
    refused('update', await send('POST', query, { body: { policy: { enforcement: 'hard' } } }), '/enforcement');
    const schema = { user: { type: 'object', properties: { a: { type: 'no such type' } } } };
    refused('patch', await send('PATCH', '', { body: { schema }, headers: MERGE_PATCH }), '/schema/user');
    const operations = [{ op: 'add', path: '/locks', value: { 'no pointer': {} } }];
    refused('patch', await send('PATCH', '', { body: operations, headers: JSON_PATCH }), '/locks/no pointer');
    const large = { schema: { user: { description: 'x'.repeat(128 * 1024) } } };
    expect((await send('POST', '', { body: { policy: large } })).status).toBe(413);
    const after = await send('GET');
    expect([after.body, after.headers['etag']]).toStrictEqual([before.body, before.headers['etag']]);
  });
});

describe('the command settings', () => {
  it('sets, patches and shows the documents of the system, digit for digit', async () => {
    expect(await app.command('settings', 'get')).toBe('{"version":0,"settings":{}}\n');
    const as = ['--as', 'Grace', '--reason', 'Contract 7'];
    expect(await app.admin('settings', 'set', '--json', '{"n":12345678901234567890}', ...as)).toStrictEqual({
      version: 1,
    });
    await app.admin('settings', 'patch', '--json', '{"a":{"b":1},"c":null}');
    await app.admin('settings', 'patch', '--json', '[{"op":"remove","path":"/a/b"}]');
    expect(await app.command('settings', 'get')).toBe(
      '{"version":3,"settings":{"a": {}, "n": 12345678901234567890}}\n',
    );
    await app.admin('settings', 'set', '--policy', '--json', '{"locks":{"/a":{}}}');
    expect(await app.command('settings', 'get', '--policy')).toBe('{"version":1,"policy":{"locks": {"/a": {}}}}\n');
    const lines = (await app.command('history', '--system'))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ context }) => String(context).startsWith('system'));
    expect(
      lines.map(({ context, operation, operator, reason }) => [context, operation, operator, reason]),
    ).toStrictEqual([
      ['systempolicy', 'replace', null, null],
      ['systemsettings', 'json-patch', null, null],
      ['systemsettings', 'merge-patch', null, null],
      ['systemsettings', 'replace', 'Grace', 'Contract 7'],
    ]);
    const { body } = await app.request('GET', '/settings/system/versions', { as: service });
    expect((body as { versions: Version[] }).versions.at(-1)).toMatchObject({
      actor: { id: null, email: null },
      reason: 'Contract 7',
    });
  });

  it.each([
    [['set'], 'either json or file is required'],
    [['set', '--json', '1'], 'settings must be an object'],
    [['set', '--json', '{'], 'Malformed JSON'],
    [['set', '--file', '/nonexistent'], '/nonexistent cannot be read: ENOENT'],
    [['set', '--policy', '--json', '{"lock":{}}'], 'lock'],
    [['patch', '--json', '[{"op":"remove","path":"/a"}]'], 'there is nothing at /a'],
  ])('refuses %j', async (args, problem) => {
    const { code, stderr, stdout } = await app.runCommand('settings', ...args);
    expect([code, stdout]).toStrictEqual([1, '']);
    expect(stderr).toContain(problem);
  });

  it('is the only way in for scopes of the system beside accounts of all organizations', async () => {
    const { stderr } = await app.runCommand(
      ...['create-service', '--name', 'X', '--organization', organization.id, '--scopes', 'system:read'],
    );
    expect(stderr).toContain('system:read is only for service accounts of all organizations');
  });
});
