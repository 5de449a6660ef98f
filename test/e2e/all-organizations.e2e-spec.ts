import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Organization } from '../../src/organization/organization.entity.js';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';

interface Listed {
  id: string;
  name: string;
  settings: { version: string };
  profile: { version: string };
  deletedAt?: string;
}

let app: TestApp;
let organizations: TestOrganization[];
let service: string;

beforeAll(async () => {
  app = await TestApp.start();
  organizations = [];
  for (let n = 0; n < 5; n++) organizations.push(await anOrganization(app.dataSource, { name: `Organization ${n}` }));
  organizations.sort((a, b) => (a.id < b.id ? -1 : 1));
  service = await aService(app.dataSource, ['organization:read', 'settings:read']);
});
afterAll(() => app.close());

const put = (of: TestOrganization, body: unknown) =>
  app.request('PUT', '/settings/organization', { as: of.owner, body });
const list = async (query = '', as = service) => {
  const answer = await app.request('GET', `/organizations${query}`, { as });
  expect(answer.status, answer.text).toBe(200);
  return { ...answer, organizations: (answer.body as { organizations: Listed[] }).organizations };
};

describe('GET /organizations', () => {
  it('lists those that exist by id, with the versions of settings and profile', async () => {
    const [first, second] = organizations as [TestOrganization, TestOrganization];
    await put(first, { a: 1 });
    await put(first, { a: 2 });
    await app.request('PUT', `/organization/${second.id}`, { as: second.owner, body: { name: 'Renamed' } });
    const listed = (await list()).organizations;
    expect(listed.map(({ id }) => id)).toStrictEqual(organizations.map(({ id }) => id));
    expect(listed[0]).toMatchObject({ settings: { version: '2' }, profile: { version: '0' } });
    expect(listed[1]).toStrictEqual({
      id: second.id,
      name: 'Renamed',
      settings: { version: '0' },
      profile: { version: '1' },
    });
  });

  it('leads from page to page by Link', async () => {
    const seen: string[] = [];
    let query: string | undefined = '?limit=2';
    for (let pages = 1; query !== undefined; pages++) {
      const page = await list(query);
      seen.push(...page.organizations.map(({ id }) => id));
      const link = page.headers['link'] as string | undefined;
      expect(link === undefined).toBe(pages === 3);
      query = link && /^<\/organizations(\?[^>]*)>; rel="next"$/.exec(link)?.[1];
    }
    expect(seen).toStrictEqual(organizations.map(({ id }) => id));
    expect((await list('?limit=5')).headers['link']).toBeUndefined();
  });

  it('shows with changedSince those that were changed then or later, and those that were deleted', async () => {
    const gone = await anOrganization(app.dataSource);
    await put(gone, { a: 1 });
    await sleep(20);
    const since = new Date().toISOString();
    const [, , third, fourth] = organizations as [
      TestOrganization,
      TestOrganization,
      TestOrganization,
      TestOrganization,
    ];
    await put(third, { a: 1 });
    await app.request('PUT', `/organization/${fourth.id}`, { as: fourth.owner, body: { city: 'Oslo' } });
    await app.dataSource.getRepository(Organization).update({ id: gone.id }, { deletedAt: new Date() });
    expect((await list()).organizations.map(({ id }) => id)).not.toContain(gone.id);
    const { organizations: changed } = await list(`?changedSince=${since}`);
    expect(changed.map(({ id }) => id)).toStrictEqual([third.id, fourth.id, gone.id].sort());
    const deleted = changed.find(({ id }) => id === gone.id)!;
    expect(deleted.deletedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(changed.filter(({ deletedAt }) => deletedAt !== undefined)).toStrictEqual([deleted]);

    const pages = await list(`?changedSince=${since}&limit=2`);
    expect(pages.organizations).toStrictEqual(changed.slice(0, 2));
    expect(pages.headers['link']).toContain(`changedSince=${encodeURIComponent(since)}`);
    expect((await list(`?changedSince=${new Date(Date.now() + 60_000).toISOString()}`)).organizations).toHaveLength(0);
  });

  it('finds changes by the index on the history', async () => {
    const plan = await app.dataSource.transaction(async (manager) => {
      await manager.query('set local enable_seqscan = off');
      return manager.query<object[]>(
        `explain select organization_id from organization_changes where at >= now() - interval '1 second'`,
      );
    });
    expect(JSON.stringify(plan)).toContain('Bitmap Index Scan on ix_organization_changes_at');
  });

  it.each([
    ['limit=0', 'limit must not be less than 1'],
    ['limit=1001', 'limit must not be greater than 1000'],
    ['limit=many', 'limit must be a whole number'],
    ['after=acme', 'after must be a UUID'],
    ['changedSince=yesterday', 'changedSince must be a date-time with an offset, such as 2026-11-21T12:00:00Z'],
  ])('refuses ?%s', async (query, error) => {
    const { status, body } = await app.request('GET', `/organizations?${query}`, { as: service });
    expect({ status, body }).toStrictEqual({
      status: 400,
      body: { success: false, message: 'Failed to list organizations', error },
    });
  });
});

const batch = (wanted: unknown, options: RequestOptions = {}) =>
  app.request('POST', '/settings/batch', { as: service, body: { organizations: wanted }, ...options });

describe('POST /settings/batch', () => {
  it('brings what the caller does not have, digit for digit', async () => {
    const [first, second, third] = organizations as [TestOrganization, TestOrganization, TestOrganization];
    await app.request('POST', '/settings/organization', {
      as: first.owner,
      body: '{"settings":{"big":12345678901234567890}}',
    });
    await app.request('POST', '/settings/organization', { as: third.owner, body: { settings: { b: 1 } } });
    const read = await app.request('GET', '/settings/organization', { as: first.owner });
    const version = /^"(\d+)-/.exec(read.headers['etag'] as string)![1]!;
    const unknown = randomUUID();
    const all = await batch([{ id: third.id }, { id: unknown }, { id: first.id.toUpperCase() }, { id: second.id }]);
    expect(all.status).toBe(200);
    expect(all.body).toMatchObject({
      success: true,
      settings: [
        { organizationId: third.id, settings: { b: 1 } },
        { organizationId: first.id, version, etag: read.headers['etag'] },
        { organizationId: second.id, version: '0', settings: {} },
      ],
      notFound: [unknown],
      more: [],
    });
    expect(all.text).toContain('"settings":{"big": 12345678901234567890}');

    const known = await batch([
      { id: first.id, version },
      { id: second.id, version: 0 },
      { id: third.id, version: '99' },
    ]);
    expect((known.body as { settings: Listed[] }).settings).toMatchObject([{ organizationId: third.id }]);
    expect(known.body).toMatchObject({ notFound: [], more: [] });
  });

  it('does not bring those of deleted organizations', async () => {
    const gone = await anOrganization(app.dataSource);
    await put(gone, { a: 1 });
    await app.dataSource.getRepository(Organization).update({ id: gone.id }, { deletedAt: new Date() });
    expect((await batch([{ id: gone.id }])).body).toStrictEqual({
      success: true,
      settings: [],
      notFound: [gone.id],
      more: [],
    });
  });

  it('brings 8 MiB at most, and says what is left', async () => {
    const large: TestOrganization[] = [];
    for (let n = 0; n < 18; n++) {
      const one = await anOrganization(app.dataSource);
      expect((await put(one, { text: 'x'.repeat(500_000) })).status).toBe(200);
      large.push(one);
    }
    const ids = large.map(({ id }) => id);
    const answer = await batch(ids.map((id) => ({ id })));
    const { settings, more } = answer.body as { settings: { organizationId: string }[]; more: string[] };
    expect([...settings.map(({ organizationId }) => organizationId), ...more]).toStrictEqual(ids);
    expect(settings).toHaveLength(16);
    const rest = await batch(more.map((id) => ({ id })));
    expect(rest.body).toMatchObject({ settings: more.map((organizationId) => ({ organizationId })), more: [] });
  });

  it('counts as many requests as it names organizations', async () => {
    const counted = await aService(app.dataSource, ['settings:read'], { rateLimitPerMinute: 10 });
    const wanted = organizations.slice(0, 4).map(({ id }) => ({ id }));
    const remaining = async () => {
      const { status, headers } = await batch(wanted, { as: counted });
      expect(headers['ratelimit-policy']).toMatch(/^"caller";q=\d+;w=60$/);
      return [status, /^"caller";r=(\d+);t=\d+$/.exec(headers['ratelimit'] as string)?.[1]];
    };
    expect(await remaining()).toStrictEqual([200, '6']);
    expect(await remaining()).toStrictEqual([200, '2']);
    expect(await remaining()).toStrictEqual([429, '0']);
  });

  it.each([
    [[], 'the body must be an object'],
    [{}, 'organizations is required'],
    [{ organizations: 1 }, 'organizations must be an array'],
    [{ organizations: [] }, 'organizations must not be empty'],
    [
      { organizations: Array.from({ length: 101 }, () => ({ id: randomUUID() })) },
      'organizations must have at most 100 elements',
    ],
    [{ organizations: [null] }, 'organizations[0] must be an object'],
    [{ organizations: [{}] }, 'organizations[0].id must be a UUID'],
    [{ organizations: [{ id: 'acme' }] }, 'organizations[0].id must be a UUID'],
    [
      { organizations: [{ id: randomUUID(), version: -1 }] },
      'organizations[0].version must be the number of a version',
    ],
    [
      { organizations: [{ id: randomUUID(), version: 1.5 }] },
      'organizations[0].version must be the number of a version',
    ],
    [
      { organizations: [{ id: randomUUID(), Version: 1 }] },
      'unknown member Version (did you mean version?) in organizations[0]',
    ],
    [{ organisations: [] }, 'unknown member organisations (did you mean organizations?)'],
    [
      { organizations: ['0', '0'].map((digit) => ({ id: `${digit}23e4567-e89b-12d3-a456-426614174000` })) },
      'organizations[1].id is there twice',
    ],
  ])('refuses %j', async (body, error) => {
    const answer = await app.request('POST', '/settings/batch', { as: service, body });
    expect({ status: answer.status, body: answer.body }).toStrictEqual({
      status: 400,
      body: { success: false, message: 'Failed to read settings', error },
    });
  });
});

describe.each([
  ['GET', '/organizations', 'organization:read', undefined],
  ['POST', '/settings/batch', 'settings:read', { organizations: [{ id: randomUUID() }] }],
] as const)('%s %s', (method, path, scope, body) => {
  const only = 'Insufficient permissions: only service accounts of all organizations can do this';
  const ask = async (as?: string) => {
    const { status, body: said } = await app.request(method, path, { as, body });
    return [status, (said as { message?: string }).message];
  };

  it('is for service accounts of all organizations with the scope, as it is now', async () => {
    const [{ id: organizationId, owner }] = organizations as [TestOrganization];
    expect(await ask()).toStrictEqual([401, 'Unauthorized']);
    const bound = await aService(app.dataSource, [scope], { organizationId });
    for (const as of [owner, bound, 'nobody-knows-me']) expect(await ask(as)).toStrictEqual([403, only]);
    const other = scope === 'settings:read' ? 'organization:read' : 'settings:read';
    const changing = await aService(app.dataSource, [scope]);
    expect((await ask(changing))[0]).toBe(200);
    await app.admin('set-scopes', '--service', changing, '--scopes', other);
    expect(await ask(changing)).toStrictEqual([403, `Insufficient permissions: the scope ${scope} is required`]);
    await app.admin('set-scopes', '--service', changing, '--scopes', scope);
    expect((await ask(changing))[0]).toBe(200);
    await app.admin('delete-service', '--service', changing);
    expect(await ask(changing)).toStrictEqual([403, only]);
  });
});
