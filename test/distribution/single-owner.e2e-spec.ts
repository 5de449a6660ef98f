import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { aService, anOrganization, type TestOrganization } from '../support/factories.js';
import { OWNER_COLUMNS } from '../tenants/owned-schema.js';
import type { IssuedStatement } from '../tenants/statement-log.js';
import { tour } from '../tenants/tour.js';

vi.setConfig({ testTimeout: 180_000 });

/**
 * What is about many owners: what service accounts of all organizations read, the versions of what is watched, and the
 * names of those who made versions.
 */
const OF_MANY = [
  'organizations',
  'organizations-changed',
  'settings-batch',
  'impact-member-count',
  'impact-members-of-many',
  'impact-organizations',
  'impact-user-settings',
  'watched-organizations',
  'watched-users',
  'watched-system',
  'watching-members',
  'user-names',
  'changes-recent',
  'changes-since',
];

/** The reads whose callers may share an execution. */
const READS = [
  'user-find',
  'member-role',
  'subject-find',
  'organization-read',
  'organization-read-by-service',
  'organization-settings-read',
  'effective-settings-read-by-service',
  'effective-settings-read-organization',
  'effective-settings-read-user',
  'organization-settings-read-by-service',
  'user-settings-read',
];

/** Those that the first of these tests does not cause. */
const FURTHER_READS = [
  'organization-find',
  'organization-version-author',
  'user-version-author',
  'user-profile',
  'user-profile-membership',
  'impact-members',
  'impact-system',
  'organization-policy-text',
  'system-policy-text',
];

/** What is about an organization and its members, or a user and their email, and so runs on the coordinator. */
const COORDINATED = ['members', 'member', 'member-create', 'member-change', 'user-validate'];

/** What is about service accounts, of which each node has a copy. */
const COPIED = ['service-account-find', 'service-account-names'];

/** The calls of functions whose callers may share an execution. */
const CHANGES = ['organization-change', 'organization-settings-change', 'user-settings-change'];

describe('requests that share no statement', () => {
  let app: TestApp;
  let organizations: TestOrganization[];
  let service: string;

  beforeAll(async () => {
    app = await TestApp.start({ DATABASE_SHARED_STATEMENTS: 'false' }, undefined, { preload: ['background-work.js'] });
    organizations = [await anOrganization(app.dataSource), await anOrganization(app.dataSource)];
    service = await aService(app.dataSource, ['settings:read', 'organization:read']);
    for (const { owner, id } of organizations) {
      await app.request('PUT', '/settings/organization', { as: owner, body: { of: id } });
    }
  });
  afterAll(() => app.close());

  it('answer each of many callers at once', async () => {
    const askers = Array.from({ length: 120 }, (_, n) => ({
      as: n % 4 === 3 ? 'a stranger' : organizations[n % 2]!.user,
      expected: n % 4 === 3 ? undefined : { of: organizations[n % 2]!.id },
    }));
    const answers = await Promise.all(askers.map(({ as }) => app.request('GET', '/settings/organization', { as })));
    answers.forEach(({ status, body }, n) => {
      const { expected } = askers[n]!;
      expect(status).toBe(expected === undefined ? 404 : 200);
      if (expected !== undefined) expect(body).toStrictEqual({ success: true, settings: expected });
    });
  });

  it('find in each table the rows of the owner who is a parameter', async () => {
    const statements = await watched(app, () => askAll(app, organizations[0]!, service));
    expect([...statements.keys()].filter((name) => READS.includes(name)).sort()).toStrictEqual(READS.toSorted());
    for (const name of READS) expect(await lookUps(app, statements.get(name)!), name).toStrictEqual([]);
  });

  it('make each of many changes at once, and lose none', async () => {
    const [{ id, owner, administrator }] = organizations as [TestOrganization, TestOrganization];
    const statements = await watched(app, async () => {
      const changes = Array.from({ length: 24 }, (_, n) => [
        app.request('PUT', '/settings/organization', { as: administrator, body: { [`n${n}`]: n } }),
        app.request('PUT', '/settings/user', { as: owner, body: { [`n${n}`]: n } }),
        app.request('PUT', `/organization/${id}`, { as: owner, body: { city: `City ${n}` } }),
      ]).flat();
      for (const { status } of await Promise.all(changes)) expect(status).toBe(200);
    });
    const made = Object.fromEntries(Array.from({ length: 24 }, (_, n) => [`n${n}`, n]));
    const settings = async (path: string) => (await app.request('GET', path, { as: owner })).body;
    expect(await settings('/settings/organization')).toStrictEqual({ success: true, settings: { of: id, ...made } });
    expect(await settings('/settings/user')).toStrictEqual({ success: true, settings: made });
    const names = [...statements.keys()];
    expect(names.filter((name) => CHANGES.includes(name)).sort()).toStrictEqual(CHANGES);
    expect(names.filter((name) => name.endsWith('-batched'))).toStrictEqual([]);
  });

  it('name the owner as the first argument of a function, whatever the change, and whatever they read of the history', async () => {
    const statements = await watched(app, () => tour(app));
    const others = [...statements].filter(
      ([name]) =>
        ![...READS, ...FURTHER_READS, ...COORDINATED, ...COPIED, ...OF_MANY].includes(name) &&
        !name.startsWith('events'),
    );
    expect(others.length).toBeGreaterThanOrEqual(CHANGES.length + 4 + 4);
    for (const [name, { text }] of others) {
      expect(text, name).toMatch(
        /^\s*select [\w*.,\s"]+ from (organization|user)_\w+\(\s*\$1::(uuid|varchar),[^()]*\) [cv]$/,
      );
    }
  });

  it('would be seen to reach for other owners where they do', async () => {
    const sharing = await TestApp.start({ DATABASE_SHARED_STATEMENTS: 'true' });
    try {
      const organization = await anOrganization(sharing.dataSource);
      const read = () => sharing.request('GET', '/settings/organization', { as: organization.owner });
      const statements = await watched(sharing, () => Promise.all(Array.from({ length: 16 }, read)));
      const found = await lookUps(sharing, statements.get('organization-settings-read-batched')!);
      expect(found.map(({ table }) => table).sort()).toStrictEqual([
        'members',
        'organization_settings',
        'organizations',
      ]);
    } finally {
      await sharing.close();
    }
  });
});

/** The prepared statements, by name, that the work has the service send. */
async function watched(app: TestApp, work: () => Promise<unknown>): Promise<Map<string, IssuedStatement>> {
  const before = app.recording.statements.length;
  await work();
  const statements = app.recording.statements.slice(before);
  return new Map(
    statements.flatMap((statement) => (statement.name === undefined ? [] : [[statement.name, statement]])),
  );
}

async function askAll(app: TestApp, { id, owner, administrator }: TestOrganization, service: string): Promise<void> {
  for (const answer of [
    await app.request('PUT', '/settings/organization', { as: administrator, body: {} }),
    await app.request('GET', '/settings/organization', { as: owner }),
    await app.request('GET', '/settings/user', { as: owner }),
    await app.request('GET', '/settings/effective', { as: owner }),
    await app.request('GET', '/settings/effective', { as: service, headers: { 'x-organization-id': id } }),
    await app.request('GET', `/organization/${id}`, { as: owner }),
    await app.request('GET', '/settings/organization', { as: service, headers: { 'x-organization-id': id } }),
    await app.request('GET', `/organization/${id}`, { as: service }),
  ]) {
    expect(answer.status).toBe(200);
  }
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Where a generic plan does not look for rows by their owner's being the first parameter. */
async function lookUps(app: TestApp, { text }: IssuedStatement): Promise<{ table: string; condition?: string }[]> {
  const runner = app.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('set local plan_cache_mode = force_generic_plan');
    // Of tables with few rows each would be read whole.
    await runner.query('set local enable_seqscan = off');
    await runner.query('set local enable_bitmapscan = off');
    await runner.query(`prepare watched as ${text}`);
    const parameters = new Set(text.match(/\$\d+/g)).size;
    const explained = (await runner.query(
      `explain (format json) execute watched (${Array.from({ length: parameters }, () => 'null').join(', ')})`,
    )) as unknown as { 'QUERY PLAN': [{ Plan: PlanNode }] }[];
    await runner.query('deallocate watched');
    return scansOf(explained[0]!['QUERY PLAN'][0].Plan).filter(({ table, condition = '' }) => {
      const [owner] = OWNER_COLUMNS[table] ?? [];
      return owner !== undefined && !new RegExp(`\\b${owner}\\)?(::text)? = \\(?\\$1\\b`).test(condition);
    });
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

function scansOf(node: PlanNode): { table: string; condition?: string }[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Cond': condition, Plans: plans = [] } = node;
  // What changes the rows does not look for them.
  const isScan = table !== undefined && type !== 'ModifyTable';
  return [...(isScan ? [{ table, condition }] : []), ...plans.flatMap(scansOf)];
}
