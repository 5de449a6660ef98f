import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type RequestOptions, TestApp } from '../support/app.js';
import { DOCUMENTS } from '../support/documents.js';
import { anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { openApiDocument } from '../support/openapi-document.js';
import { SCOPES } from '../support/scopes.js';

const FAILED = 'Precondition failed: the current version is different';

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
  await app.dataSource.query(`delete from organization_changes where context in (101, 102)`);
  await app.dataSource.query('truncate system_documents, policies_in_force');
});

const tagOf = ({ headers }: Answer) => headers['etag'] as string;

/** Everything with a version: how to read it, and how to make a change that is one, and one that is none. */
const RESOURCES = [
  ...SCOPES.map(({ scope, path, writer }) => ({
    name: `${scope} settings`,
    path: () => path,
    writer,
    changes: [
      { method: 'POST', body: (n: number): unknown => ({ settings: { n } }) },
      { method: 'PUT', body: (n: number): unknown => ({ n }) },
      { method: 'PATCH', body: (n: number): unknown => ({ n }) },
      { method: 'DELETE', body: (): unknown => ({ keys: ['n'] }) },
    ],
    nothing: { method: 'PUT', body: {} },
    refusal: { success: false, message: FAILED },
  })),
  ...DOCUMENTS.map(({ noun, path, writerOf, content }) => ({
    name: noun,
    path: () => path,
    writer: (owner: TestOrganization) => writerOf(owner, service),
    changes:
      content === 'settings'
        ? [
            { method: 'POST', body: (n: number): unknown => ({ settings: { n } }) },
            { method: 'PUT', body: (n: number): unknown => ({ n }) },
            { method: 'PATCH', body: (n: number): unknown => ({ n }) },
            { method: 'DELETE', body: (): unknown => ({ keys: ['n'] }) },
          ]
        : [
            { method: 'POST', body: (n: number): unknown => ({ policy: { locks: { [`/${n}`]: {} } } }) },
            { method: 'PATCH', body: (n: number): unknown => ({ locks: { [`/${n}`]: {} } }) },
            { method: 'DELETE', body: (): unknown => undefined },
          ],
    nothing: { method: 'PATCH', body: {} },
    refusal: { success: false, message: FAILED },
  })),
  {
    name: 'organization profile',
    path: (owner: TestOrganization) => `/organization/${owner.id}`,
    writer: (owner: TestOrganization) => owner.owner,
    changes: [{ method: 'PUT', body: (n: number): unknown => ({ city: `City ${n}` }) }],
    nothing: { method: 'PUT', body: { name: 'Acme Corporation' } },
    refusal: { success: false, data: null, message: FAILED },
  },
];

it('is about everything that has versions', () => {
  const { paths } = openApiDocument<{ paths: object }>();
  const versioned = Object.keys(paths).flatMap((path) => /^(.*)\/versions$/.exec(path)?.[1] ?? []);
  const tested = RESOURCES.map(({ path }) => path({ id: '{orgId}' } as TestOrganization));
  expect(tested.sort()).toStrictEqual(versioned.sort());
});

describe.each(RESOURCES)('the entity tag of $name', ({ path, writer, changes, nothing, refusal }) => {
  const send = (method: string, options: RequestOptions = {}) => {
    const type: Record<string, string> = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
    const headers = { ...(options.body !== undefined && type), ...options.headers };
    return app.request(method, path(organization), { as: writer(organization), ...options, headers });
  };
  const change = (n: number, headers = {}) => send(changes[0]!.method, { body: changes[0]!.body(n), headers });
  const tag = async () => tagOf(await send('GET'));

  it('is strong, is there before the first change, and is the same on GET and on every write', async () => {
    expect(await tag()).toMatch(/^"0-[\w-]{8}"$/);
    let n = 0;
    for (const { method, body } of changes) {
      const answer = await send(method, { body: body(++n) });
      expect(answer.status).toBe(200);
      expect(tagOf(answer)).toMatch(new RegExp(`^"${n}-`));
      expect(await tag()).toBe(tagOf(answer));
    }
  });

  it('stays when nothing changes', async () => {
    const before = tagOf(await change(1));
    expect(tagOf(await send(nothing.method, { body: nothing.body }))).toBe(before);
    expect(tagOf(await change(1))).toBe(before);
  });

  it('gives 304 without a body to who has it', async () => {
    await change(1);
    const current = await tag();
    for (const has of [current, `W/${current}`, `"99", ${current}`, `, ${current} ,`, '"1"', '*']) {
      const answer = await send('GET', { headers: { 'if-none-match': has } });
      expect(answer.status, has).toBe(304);
      expect(answer.text).toBe('');
      expect(tagOf(answer)).toBe(current);
    }
    for (const has of ['"0"', '"2"', '"other"', '""', current.replace('1-', '2-')]) {
      expect((await send('GET', { headers: { 'if-none-match': has } })).status, has).toBe(200);
    }
  });

  it('knows in version 0 who has that, and that * is nothing yet', async () => {
    expect((await send('GET', { headers: { 'if-none-match': await tag() } })).status).toBe(304);
    expect((await send('GET', { headers: { 'if-none-match': '*' } })).status).toBe(200);
  });

  it('lets a read insist on a version', async () => {
    await change(1);
    expect((await send('GET', { headers: { 'if-match': await tag() } })).status).toBe(200);
    const answer = await send('GET', { headers: { 'if-match': '"0"' } });
    expect(answer.status).toBe(412);
    expect(answer.body).toStrictEqual(refusal);
    expect(tagOf(answer)).toBe(await tag());
  });

  it.each(changes)('lets $method change the version that it names, and no other', async ({ method, body }) => {
    await send('POST', { body: { settings: { n: 0 } } });
    await change(100);
    const current = await tag();
    const before = (await send('GET')).body;
    for (const has of ['"0"', '"7-wrong"', '"other"', '""']) {
      const answer = await send(method, { body: body(1), headers: { 'if-match': has } });
      expect(answer.status, has).toBe(412);
      expect(answer.body).toStrictEqual(refusal);
      expect(tagOf(answer)).toBe(current);
    }
    expect((await send('GET')).body).toStrictEqual(before);
    const answer = await send(method, { body: body(1), headers: { 'if-match': `"5", W/${current}` } });
    expect(answer.status).toBe(200);
    expect(tagOf(answer)).not.toBe(current);
    expect((await send(method, { body: body(2), headers: { 'if-match': current } })).status).toBe(412);
  });

  it('lets the first change pass, and no second one, with If-None-Match: *', async () => {
    const first = { 'if-none-match': '*' };
    expect((await change(1, first)).status).toBe(200);
    const answer = await change(2, first);
    expect(answer.status).toBe(412);
    expect(tagOf(answer)).toBe(await tag());
    expect(await tag()).toMatch(/^"1-/);
  });

  it('takes If-Match: * as no demand, and If-None-Match with a tag as one', async () => {
    expect((await change(1, { 'if-match': '*' })).status).toBe(200);
    const current = await tag();
    expect((await change(2, { 'if-none-match': current })).status).toBe(412);
    expect((await change(2, { 'if-none-match': '"0"' })).status).toBe(200);
    expect((await change(3, { 'if-match': '"2"', 'if-none-match': '*' })).status).toBe(412);
  });

  it.each(['if-match', 'if-none-match'])('refuses a malformed %s and changes nothing', async (header) => {
    const before = await tag();
    for (const malformed of ['7', '"7', '7"', '"7" "8"', '*, "7"', 'W/7', "'7'", '', '"a b"']) {
      for (const answer of [
        await send('GET', { headers: { [header]: malformed } }),
        await change(1, { [header]: malformed }),
      ]) {
        expect(answer.status, malformed).toBe(400);
        expect(answer.text.toLowerCase()).toContain(`${header} must be * or a list of entity tags`);
      }
    }
    expect(await tag()).toBe(before);
  });

  it('comes with who made the version that refuses, and when, on reads and changes', async () => {
    const late = { 'if-match': '"7"' };
    const madeBy = (answer: Answer) => {
      expect(answer.status).toBe(412);
      return [answer.headers['current-version-by'], answer.headers['current-version-at']];
    };
    await change(1);
    const answers = [await send('GET', { headers: late }), await change(2, late)];
    const [by, at] = madeBy(answers[0]!);
    expect(by).toBe(writer(organization));
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(String(at)) - Date.now())).toBeLessThan(60_000);
    for (const answer of answers) expect(madeBy(answer)).toStrictEqual([by, at]);
    const query = `?at=${encodeURIComponent(String(at))}`;
    const then = await app.request('GET', `${path(organization)}${query}`, { as: writer(organization), headers: late });
    expect(madeBy(then)).toStrictEqual([by, at]);
    for (const table of ['organization_changes', 'user_changes']) {
      await app.dataSource.query(`update ${table} set actor_id = null where actor_id = $1`, [by]);
    }
    expect(madeBy(await change(2, late))).toStrictEqual([undefined, at]);
  });

  it('comes with nobody where no version was made yet', async () => {
    const answer = await send('GET', { headers: { 'if-match': '"7"' } });
    expect(answer.status).toBe(412);
    expect(answer.headers).not.toHaveProperty('current-version-by');
    expect(answer.headers).not.toHaveProperty('current-version-at');
  });

  it('lets one of many pass who all saw the same version', async () => {
    await change(1);
    const headers = { 'if-match': await tag() };
    const answers = await Promise.all(Array.from({ length: 32 }, (_, n) => change(n + 10, headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(31);
    expect(await tag()).toMatch(/^"2-/);
  });

  it('lets one of many be the first', async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => change(n, { 'if-none-match': '*' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await tag()).toMatch(/^"1-/);
  });
});

describe('whose document it is', () => {
  it('is told by the tag, so that nobody takes the document of another for their own', async () => {
    const asked: [string, string][] = [
      [organization.user, '/settings/user'],
      [organization.owner, '/settings/user'],
    ];
    for (const [as, path] of asked) await app.request('PUT', path, { as, body: { by: as } });
    const [mine, theirs] = await Promise.all(asked.map(([as, path]) => app.request('GET', path, { as })));
    expect(tagOf(mine!)).not.toBe(tagOf(theirs!));
    const headers = { 'if-none-match': tagOf(mine!) };
    const answer = await app.request('GET', '/settings/user', { as: organization.owner, headers });
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({ success: true, settings: { by: organization.owner } });
  });

  it('is the same however the id of the organization is written', async () => {
    const path = `/organization/${organization.id.toUpperCase()}`;
    const seen = await app.request('GET', path, { as: organization.owner });
    const headers = { 'if-match': tagOf(seen) };
    const answer = await app.request('PUT', path, { as: organization.owner, body: { city: 'X' }, headers });
    expect(answer.status).toBe(200);
    const refused = await app.request('PUT', path, { as: organization.owner, body: { city: 'Y' }, headers });
    expect(refused.status).toBe(412);
    expect(tagOf(refused)).toBe(tagOf(answer));
  });

  it('is asked before the preconditions are', async () => {
    const wrong = { 'if-match': '"99"' };
    const malformed = { 'if-match': 'malformed' };
    for (const headers of [wrong, malformed]) {
      const options = { as: organization.user, body: { a: 1 }, headers };
      expect((await app.request('PUT', '/settings/organization', options)).status).toBe(403);
      expect((await app.request('PUT', `/organization/${organization.id}`, options)).status).toBe(403);
      expect((await app.request('PUT', '/settings/user', { ...options, as: 'nobody' })).status).toBe(404);
    }
  });
});

describe('who made the current version', () => {
  const late = { 'if-match': '"7"' };
  const BY = 'current-version-by';

  it('is percent-encoded where it is not plain ASCII', async () => {
    const ids = ['Zoë Müller', "UTF-8''x", 'a\r\nb', ' c', 'a b', '"|~', '100%'].map((id) => `${id}${Date.now()}`);
    const shown = ids.map((id) => (/^(a b|"\||100)/.test(id) ? id : `UTF-8''${encodeURIComponent(id)}`));
    for (const [place, id] of ids.entries()) {
      await aUser(app.dataSource, { id });
      await app.request('PUT', '/settings/user', { as: id, body: { a: 1 } });
      const answer = await app.request('PUT', '/settings/user', { as: id, body: { a: 2 }, headers: late });
      expect(answer.status).toBe(412);
      expect(answer.headers[BY]).toBe(shown[place]);
    }
  });

  it.each([
    { noun: 'settings', path: () => '/settings/organization' },
    { noun: 'organization', path: ({ id }: TestOrganization) => `/organization/${id}` },
  ] as const)('is for service accounts with $noun:read only', async ({ noun, path }) => {
    const as = organization.owner;
    await app.request('PUT', path(organization), { as, body: { city: 'Bonn' } });
    for (const [scopes, by] of [
      [[`${noun}:write`], undefined],
      [[`${noun}:write`, `${noun}:read`], as],
    ] as const) {
      const service = await aService(app.dataSource, [...scopes], { organizationId: organization.id });
      const headers = { ...late, 'x-organization-id': organization.id };
      const answer = await app.request('PUT', path(organization), { as: service, body: { city: 'Ulm' }, headers });
      expect(answer.status).toBe(412);
      expect(answer.headers[BY]).toBe(by);
      expect('current-version-at' in answer.headers).toBe(by !== undefined);
    }
  });
});
