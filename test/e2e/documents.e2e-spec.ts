import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions, TestApp } from '../support/app.js';
import { DOCUMENTS, emptyDocuments, JSON_PATCH, MERGE_PATCH, type Version } from '../support/documents.js';
import { EventStream } from '../support/event-stream.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { openApiDocument } from '../support/openapi-document.js';
import { SCOPES } from '../support/scopes.js';

/** Versions that are kept, so that few changes are too many; and bytes that their contents may take. */
const KEPT = 5;
const QUOTA = 16 * 1024;

let app: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  const retention = {
    HISTORY_KEEP_VERSIONS: String(KEPT),
    HISTORY_KEEP_DAYS: '30',
    HISTORY_MAX_BYTES: String(QUOTA),
    WATCH_POLL_MS: '200',
  };
  app = await TestApp.start(retention, undefined, { preload: ['background-work.js'] });
  service = await aService(app.dataSource, ['system:read', 'system:write']);
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  await emptyDocuments(app);
});

it('is about every document with versions that has no file of its own', () => {
  const { paths } = openApiDocument<{ paths: object }>();
  const versioned = Object.keys(paths).flatMap((path) => /^(.*)\/versions$/.exec(path)?.[1] ?? []);
  const elsewhere = ['/organization/{orgId}', ...SCOPES.map(({ path }) => path)];
  expect(versioned.sort()).toStrictEqual([...elsewhere, ...DOCUMENTS.map(({ path }) => path)].sort());
});

describe.each(DOCUMENTS)('the $noun', ({ path, noun, title, content, ownerOf, writerOf, values: [one, other] }) => {
  const send = (method: string, at = '', options: RequestOptions = {}) =>
    app.request(method, `${path}${at}`, { as: writerOf(organization, service), ...options });
  const post = (document: unknown, headers = {}, at = '') =>
    send('POST', at, { body: { [content]: document }, headers });
  const patch = (body: unknown, headers = {}) => send('PATCH', '', { body, headers: { ...MERGE_PATCH, ...headers } });
  const documentOf = ({ body }: Answer) => (body as Record<string, unknown>)[content];
  const current = async () => documentOf(await send('GET'));
  const versions = async (query = '') =>
    ((await send('GET', `/versions${query}`)).body as { versions: Version[] }).versions;
  const written = (how: string) => ({ success: true, message: `${title} ${how} successfully` });

  it('is empty before the first write, in version 0', async () => {
    const answer = await send('GET');
    expect(answer.body).toStrictEqual({ success: true, [content]: {} });
    expect(answer.headers['etag']).toMatch(/^"0-/);
    expect(await versions()).toStrictEqual([]);
  });

  it('is replaced, patched in two ways, restored and read as it was', async () => {
    const first = await post(one);
    expect(first.body).toStrictEqual(written('updated'));
    expect(first.headers['etag']).toMatch(/^"1-/);
    await sleep(5);
    expect((await patch({ added: null, ...other })).body).toStrictEqual(written('patched'));
    const operations = [{ op: 'remove', path: `/${Object.keys(other)[0]}` }];
    expect((await send('PATCH', '', { body: operations, headers: JSON_PATCH })).body).toStrictEqual(written('patched'));
    expect(await current()).toStrictEqual(one);
    const [third, second, initial] = await versions();
    expect([third!.operation, second!.operation, initial!.operation]).toStrictEqual([
      'json-patch',
      'merge-patch',
      'replace',
    ]);
    expect(second!.paths).toStrictEqual(Object.keys(other).map((name) => `/${name}`));
    expect(documentOf(await send('GET', '/versions/2'))).toStrictEqual({ ...one, ...other });
    expect((await send('GET', '/versions/2/diff')).body).toMatchObject({
      patch: Object.entries(other).map(([name, value]: [string, unknown]) => ({ op: 'add', path: `/${name}`, value })),
    });
    expect(documentOf(await send('GET', `?at=${initial!.at}`))).toStrictEqual(one);
    expect(documentOf(await send('GET', '?at=2020-01-01T00:00:00Z'))).toStrictEqual({});
    expect((await send('POST', '/versions/2/restore')).body).toStrictEqual(written('restored'));
    expect(await current()).toStrictEqual({ ...one, ...other });
    expect((await send('POST', '/versions/77/restore')).status).toBe(404);
  });

  it('says who did it, and why', async () => {
    await post(one, { 'change-reason': "UTF-8''Gr%C3%B6%C3%9Fer" });
    const [version] = await versions();
    expect(version).toMatchObject({ actor: { id: writerOf(organization, service) }, reason: 'Größer' });
  });

  it('is tried first, and then nothing is stored', async () => {
    await post(one);
    const answer = await patch(other);
    expect(answer.status).toBe(200);
    const { body, headers } = await post(one, {}, '?dryRun=true');
    expect(body).toStrictEqual({
      ...written('updated'),
      dryRun: true,
      [content]: one,
      patch: Object.keys(other).map((name) => ({ op: 'remove', path: `/${name}` })),
    });
    expect(headers['etag']).toBe(answer.headers['etag']);
    expect(await current()).toStrictEqual({ ...one, ...other });
  });

  it('is changed by many at the same time, and nothing is lost', async () => {
    const members = Array.from({ length: 64 }, (_, n) => `n${n}`);
    const bodyOf = (name: string) => (content === 'settings' ? { [name]: 1 } : { locks: { [`/${name}`]: {} } });
    const answers = await Promise.all(members.map((name) => patch(bodyOf(name))));
    for (const { status, text } of answers) expect(status, text).toBe(200);
    const found = (await current()) as Record<string, object>;
    const names = content === 'settings' ? members : members.map((name) => `/${name}`);
    expect(Object.keys((content === 'settings' ? found : found['locks'])!).sort()).toStrictEqual(names.sort());
    expect((await versions('?limit=100')).map(({ version }) => version)).toStrictEqual(
      Array.from({ length: 64 }, (_, n) => 64 - n),
    );
  });

  it('is not changed by a request that is wrong', async () => {
    await post(one);
    for (const [method, body, error, headers] of [
      ['POST', {}, `${content} is required`, {}],
      ['POST', [], `the body must be an object with the member ${content}`, {}],
      ['POST', { [content]: 1 }, `${content} must be an object`, {}],
      ['PATCH', [{ op: 'add', path: '', value: 1 }], `operation 0: ${content} must be an object`, JSON_PATCH],
    ] as const) {
      const answer = await send(method, '', { body, headers });
      const verb = method === 'POST' ? 'update' : 'patch';
      expect(answer.body).toStrictEqual({ success: false, message: `Failed to ${verb} ${noun}`, error });
    }
    expect((await send('PUT', '', { body: '{', headers: { 'content-type': 'application/json' } })).status).toBe(
      content === 'settings' ? 400 : 404,
    );
    expect(await current()).toStrictEqual(one);
  });

  it('wakes who waits for it', async () => {
    const { headers } = await post(one);
    const waiting = send('GET', '?wait=20', { headers: { 'if-none-match': headers['etag'] as string } });
    await sleep(100);
    await post(other);
    const answer = await waiting;
    expect(documentOf(answer)).toStrictEqual(other);
  });

  it('loses its oldest contents beyond the quota, and its oldest versions beyond their age', async () => {
    const bulk = (n: number) =>
      content === 'settings'
        ? { n, text: noise(n) }
        : { locks: Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`/${noise(n * 10 + k)}`, {}])) };
    for (let n = 1; n <= 40; n++) expect((await post(bulk(n))).status).toBe(200);
    await app.process.ask('thin');
    const found = await versions('?limit=100');
    expect(found).toHaveLength(40);
    expect(found[0]!.thinned).toBeUndefined();
    expect(found[19]!.thinned).toBeUndefined();
    expect(found.at(-1)!.thinned).toBe(true);
    expect((await send('GET', '/versions/1')).body).toStrictEqual({
      success: false,
      message: 'Version not found',
      error: 'its content was thinned',
    });
    expect(documentOf(await send('GET', '/versions/30'))).toStrictEqual(bulk(30));
    await app.dataSource.query(
      `update organization_changes set at = now() - interval '31 days' where organization_id = $1 and context >= 100`,
      [ownerOf(organization)],
    );
    await app.process.ask('prune');
    const left = await versions('?limit=100');
    expect(left.length).toBeGreaterThanOrEqual(KEPT);
    expect(left.length).toBeLessThan(40);
    expect(await current()).toStrictEqual(bulk(40));
  });
});

/** Text that PostgreSQL cannot compress much, and is the same each time. */
function noise(seed: number): string {
  let text = '';
  for (let at = 0, state = seed * 7919 + 1; at < 120; at++) {
    state = (state * 48271) % 2147483647;
    text += state.toString(36).slice(-4);
  }
  return text;
}

describe('what happened to documents', () => {
  it('is an event of a policy of an organization', async () => {
    const path = '/settings/organization/policy';
    await app.request('POST', path, { as: organization.owner, body: { policy: { enforcement: 'warn' } } });
    await app.request('DELETE', path, { as: organization.owner });
    for (const context of ['orgpolicy', 100]) {
      const { body } = await app.request('POST', '/systemevent', { as: organization.administrator, body: { context } });
      const { events } = body as { events: { context: string; event: string; contextId: string; jsonData: string }[] };
      expect(events.map(({ context: of, event }) => `${of} ${event}`)).toStrictEqual([
        'orgpolicy deleted',
        'orgpolicy updated',
      ]);
      expect(events[1]!.contextId).toBe(organization.id);
      expect(JSON.parse(events[1]!.jsonData)).toMatchObject({
        version: 1,
        operation: 'replace',
        patch: [{ op: 'add', path: '/enforcement', value: 'warn' }],
      });
    }
  });

  it('stays when the one who did it is erased, without their name', async () => {
    const path = '/settings/organization/policy';
    const as = organization.administrator;
    const headers = { 'change-reason': 'Mine' };
    await app.request('POST', path, { as, body: { policy: { enforcement: 'warn' } }, headers });
    await app.admin('delete-user', '--user', as);
    await app.admin('erase-user', '--user', as);
    const { body } = await app.request('GET', `${path}/versions`, { as: organization.owner });
    expect((body as { versions: Version[] }).versions).toMatchObject([
      { version: 1, actor: { id: null, email: null }, reason: null },
    ]);
  });

  it('is told to those who watch, version by version', async () => {
    const stream = await EventStream.open(app.url, app.tokenFor(organization.user));
    const ready = await stream.until('ready');
    const version = (n: number) => ({ version: String(n) });
    expect(ready.data).toMatchObject({
      organization: { policy: version(0) },
      system: { settings: version(0), policy: version(0) },
    });
    await app.request('POST', '/settings/organization/policy', {
      as: organization.owner,
      body: { policy: { enforcement: 'warn' } },
    });
    expect((await stream.until('change')).data).toMatchObject({
      document: 'organization-policy',
      organizationId: organization.id,
      ...version(1),
    });
    await app.request('PUT', '/settings/system', { as: service, body: { a: 1 } });
    const { data } = await stream.until('change', 2);
    expect(data).toMatchObject({ document: 'system-settings', ...version(1) });
    expect(data).not.toHaveProperty('organizationId');
    const { lastId } = stream;
    stream.close();
    await app.admin('settings', 'set', '--policy', '--json', '{"enforcement":"off"}');
    const resumed = await EventStream.open(app.url, app.tokenFor(organization.user), { 'last-event-id': lastId! });
    await resumed.until('ready');
    expect((await resumed.until('change')).data).toMatchObject({ document: 'system-policy', ...version(1) });
    resumed.close();
  });
});
