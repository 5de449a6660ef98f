import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';

interface Impact {
  readonly members: number;
  readonly changed: number | null;
  readonly paths: readonly { path: string; members: number | null; below?: number }[];
  readonly violations: { documents: number | null; below?: number; examples: { pointer: string; rule: string }[] };
  readonly sampled?: number;
}

const POLICY = '/settings/organization/policy';
const SYSTEM = '/settings/system';

let app: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  app = await TestApp.start({}, undefined, { preload: ['background-work.js'] });
  service = await aService(app.dataSource, ['system:read', 'system:write']);
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
});

/** Adds members by the thousand, of whom the n-th has the settings that the expression says; null is none. */
async function addMembers(count: number, settings = 'null', organizationId = organization.id): Promise<void> {
  const prefix = randomUUID();
  await app.dataSource.query(
    `insert into users (id, email, name, organization_id)
     select $1 || '-' || n, $1 || '-' || n || '@example.com', 'N', $2::uuid from generate_series(1, $3::integer) n`,
    [prefix, organizationId, count],
  );
  await app.dataSource.query(
    `insert into members (organization_id, user_id, role)
     select $2::uuid, $1 || '-' || n, 0 from generate_series(1, $3::integer) n`,
    [prefix, organizationId, count],
  );
  await app.dataSource.query(
    `insert into user_settings (user_id, settings, version)
     select $1 || '-' || n, s, 1 from generate_series(1, $2::integer) n, lateral (select (${settings})::jsonb as s) v
     where s is not null`,
    [prefix, count],
  );
  await app.dataSource.query('analyze users, members, user_settings');
}

async function impactOf(method: string, path: string, body: object, options: Partial<RequestOptions> = {}) {
  const as = path.startsWith(SYSTEM) ? service : organization.owner;
  const answer = await app.request(method, `${path}?dryRun=true&impact=true`, { as, body, ...options });
  expect(answer.status, answer.text).toBe(200);
  return (answer.body as { impact: Impact }).impact;
}

const put = (body: object, path = '/settings/organization') => impactOf('PUT', path, body);
const postPolicy = (policy: object, path = POLICY) => impactOf('POST', path, { policy });

describe('the impact of a dry run', () => {
  it('says for how many members the effective settings change, and where', async () => {
    // Each tenth has a theme of their own, and each second another size.
    await addMembers(95, `case when n % 10 = 0 then '{"theme":"mine"}' when n % 2 = 0 then '{"size":1}' end`);
    expect(await put({ theme: 'dark', size: 1, limits: { files: 3 } })).toStrictEqual({
      members: 100,
      changed: 100,
      paths: [
        { path: '/limits/files', members: 100 },
        { path: '/theme', members: 91 },
        { path: '/size', members: 62 },
      ],
      violations: { documents: 0, examples: [] },
    });
    expect((await app.request('GET', '/settings/organization', { as: organization.owner })).body).toMatchObject({
      settings: {},
    });
  });

  it('is nothing where nothing changes for anybody', async () => {
    await addMembers(20, `'{"theme":"mine"}'`);
    const { changed } = await put({ theme: 'dark' });
    // The five who were there before have none of their own.
    expect(changed).toBe(5);
    const locked = await postPolicy({ locks: { '/nothing': {} } });
    expect(locked).toMatchObject({ members: 25, changed: 0, paths: [] });
  });

  it('tells no number of people that is below five', async () => {
    await addMembers(3, `'{"theme":"mine"}'`);
    await app.request('PUT', '/settings/organization', { as: organization.owner, body: { theme: 'dark' } });
    expect(await postPolicy({ locks: { '/theme': {} } })).toStrictEqual({
      members: 8,
      changed: null,
      below: 5,
      paths: [{ path: '/theme', members: null, below: 5 }],
      violations: { documents: 0, examples: [] },
    });
  });

  it('counts the documents that a new schema would not allow, and shows no value and no name of a user', async () => {
    await addMembers(30, `case when n <= 10 then '{"size":"secret-value","secret-name":1}' else '{"size":"1GB"}' end`);
    const schema = {
      user: { properties: { size: { pattern: '^[0-9]+GB$' } }, additionalProperties: { type: 'string' } },
    };
    const { violations, changed } = await postPolicy({ schema });
    expect(changed).toBe(0);
    expect(violations.documents).toBe(10);
    expect(violations.examples.map(({ rule }) => rule)).toContain('must match pattern "^[0-9]+GB$"');
    expect(JSON.stringify(violations)).not.toContain('secret');
  });

  it('names places only as far as documents above the users have them', async () => {
    await addMembers(10, `'{"private":{"diary":1}}'`);
    await app.request('PUT', '/settings/organization', { as: organization.owner, body: { public: 1 } });
    const impact = await postPolicy({ locks: { '/private': {} } });
    expect(impact.paths).toStrictEqual([{ path: '/private', members: 10 }]);
  });

  it('is about all organizations where the system changes', async () => {
    const other = await anOrganization(app.dataSource);
    await addMembers(20, `'{"colour":"mine"}'`);
    await addMembers(10, 'null', other.id);
    const before = await put({ colour: 'blue' }, SYSTEM);
    const [{ total }] = await app.dataSource.query<[{ total: string }]>('select count(*) as total from members');
    expect(before.members).toBe(Number(total));
    expect(before.changed).toBe(Number(total) - 20);
    await app.request('PUT', '/settings/organization', { as: other.owner, body: { colour: 'red' } });
    expect((await put({ colour: 'blue' }, SYSTEM)).changed).toBe(Number(total) - 35);
    const schema = { organization: { properties: { colour: { const: 'blue' } } }, user: { required: ['x'] } };
    const policy = await postPolicy({ schema }, `${SYSTEM}/policy`);
    expect(policy.violations.documents).toBeGreaterThanOrEqual(21);
    expect(policy.changed).toBe(0);
  });

  it.each([
    ['PUT', '/settings/organization?impact=true', 'impact needs dryRun=true'],
    ['PUT', '/settings/organization?dryRun=true&impact=yes', 'impact must be true or false'],
    ['PUT', '/settings/user?dryRun=true&impact=true', 'impact is not for the settings of a user'],
  ])('is refused: %s %s', async (method, path, error) => {
    const { status, body } = await app.request(method, path, { as: organization.owner, body: { a: 1 } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error });
  });

  it('is told ten times a minute', async () => {
    for (let at = 0; at < 10; at++) await put({ at });
    const refused = await app.request('PUT', '/settings/organization?dryRun=true&impact=true', {
      as: organization.administrator,
      body: {},
    });
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      error: 'at most 10 requests a minute are allowed with impact for each organization',
    });
    expect(refused.headers['retry-after']).toBeDefined();
    const without = await app.request('PUT', '/settings/organization?dryRun=true', {
      as: organization.administrator,
      body: {},
    });
    expect(without.status).toBe(200);
  });

  it('leaves an event for each use: who asked, for what document, when and why', async () => {
    const since = new Date().toISOString();
    const headers = { 'x-request-id': 'ask-1', 'change-reason': 'Ticket 4711' };
    await impactOf('PUT', '/settings/organization', { theme: 'dark' }, { headers });
    await impactOf('POST', POLICY, { policy: { locks: { '/x': {} } } }, { as: organization.administrator });
    const ofContext = async (context: unknown, as = organization.owner) =>
      (await app.request('POST', '/systemevent', { as, body: { context } })).body as {
        events: { context: string; event: string; timestamp: string; userId: string; jsonData: string }[];
        total: number;
      };
    const { events, total } = await ofContext('impact');
    expect(total).toBe(2);
    expect(events).toMatchObject([
      { context: 'impact', event: 'created', userId: organization.administrator, contextId: organization.id },
      { context: 'impact', event: 'created', userId: organization.owner, userName: 'Ada', orgId: organization.id },
    ]);
    expect(JSON.parse(events[1]!.jsonData)).toStrictEqual({
      version: 1,
      operation: 'create',
      patch: [{ op: 'add', path: '/document', value: 'organization-settings' }],
      operations: 1,
      requestId: 'ask-1',
      reason: 'Ticket 4711',
    });
    expect(events[0]!.jsonData).toContain('"value":"organization-policy"');
    expect(events[1]!.timestamp >= since && events[0]!.timestamp >= events[1]!.timestamp).toBe(true);
    expect((await ofContext(104)).total).toBe(2);
    // Nothing else was changed, and a dry run without the question leaves nothing.
    await app.request('PUT', '/settings/organization?dryRun=true', { as: organization.owner, body: { theme: 'dark' } });
    expect((await ofContext(null)).total).toBe(2);
    expect((await ofContext('impact', organization.user)).total).toBe(0);
  });

  it('leaves one in the history of the system where the system is asked about, and none where it is refused', async () => {
    const lines = async () =>
      (await app.command('history', '--system'))
        .split('\n')
        .filter((line) => line.includes('"context":"impact"'))
        .map((line) => JSON.parse(line) as { actorId: string; patch: object[] });
    const before = (await lines()).length;
    await put({ colour: 'blue' }, SYSTEM);
    await app.request('PUT', `${SYSTEM}?dryRun=true&impact=true`, { as: organization.owner, body: {} });
    const found = await lines();
    expect(found).toHaveLength(before + 1);
    expect(found[0]).toMatchObject({ actorId: service, patch: [{ value: 'system-settings' }] });
  });

  it('leaves an event for each of several uses at once, all with their own numbers', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => put({ n })));
    const rows = await app.dataSource.query<{ version: string; id: string }[]>(
      'select version, id from organization_changes where organization_id = $1 and context = 104 order by version',
      [organization.id],
    );
    expect(rows.map(({ version }) => Number(version))).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(8);
  });

  it('keeps who asked for as many days as the history is kept', async () => {
    await app.dataSource.query(
      `insert into organization_changes (organization_id, context, version, id, at, operation, patch)
       select $1::uuid, 104, n, n, now() - interval '401 days' + n * interval '1 second', 'create', '[]'
       from generate_series(1, 4000) n`,
      [organization.id],
    );
    await app.dataSource.query(
      `update organization_changes set at = now() - interval '399 days'
       where organization_id = $1 and context = 104 and version > 3999`,
      [organization.id],
    );
    await app.dataSource.query(
      'insert into event_reads (user_id, event_id) select $1, n from generate_series(3993, 4000) n',
      [organization.owner],
    );
    await put({ a: 1 });
    await app.process.ask('prune');
    const [row] = await app.dataSource.query<{ versions: string[]; marks: number }[]>(
      `select array_agg(version order by version) as versions,
         (select count(*) from event_reads where user_id = $2)::integer as marks
       from organization_changes where organization_id = $1 and context = 104`,
      [organization.id, organization.owner],
    );
    expect(row).toStrictEqual({ versions: ['4000', '4001'], marks: 1 });
  });

  it('is not for who may not write', async () => {
    const { status } = await app.request('PUT', '/settings/organization?dryRun=true&impact=true', {
      as: organization.user,
      body: {},
    });
    expect(status).toBe(403);
  });

  it('is exact for 10,000 members, or says how many it looked at, within two seconds', async () => {
    await addMembers(
      9_995,
      `case when n % 2 = 0 then jsonb_build_object('theme', 'mine', 'n', n, 'list', '[1, 2, 3]'::jsonb) end`,
    );
    const since = performance.now();
    const impact = await put({ theme: 'dark' });
    // A limit ten times as wide for slow machines.
    expect(performance.now() - since).toBeLessThan(20_000);
    expect(impact.members).toBe(10_000);
    const looked = impact.sampled ?? 10_000;
    if (impact.sampled === undefined) expect(impact.changed).toBe(5_003);
    expect(looked).toBeGreaterThan(0);
    expect(impact.changed! / looked).toBeGreaterThan(0.4);
    expect(impact.changed! / looked).toBeLessThan(0.6);
  });

  it('looks at some of 100,000 members', async () => {
    await addMembers(100_000, `case when n % 4 = 0 then '{"theme":"mine"}' end`);
    const since = performance.now();
    const impact = await put({ theme: 'dark' });
    expect(performance.now() - since).toBeLessThan(20_000);
    expect(impact.members).toBe(100_005);
    expect(impact.sampled).toBeLessThanOrEqual(10_000);
    expect(impact.changed! / impact.sampled!).toBeGreaterThan(0.65);
    expect(impact.changed! / impact.sampled!).toBeLessThan(0.85);
    const ofAll = await put({ theme: 'dark' }, SYSTEM);
    expect(ofAll.members).toBeGreaterThan(100_000);
    expect(ofAll.sampled).toBeLessThanOrEqual(10_000);
  });
});
