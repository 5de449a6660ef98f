import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { InvitationReceiver } from '../support/invitation-receiver.js';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { runCommand } from '../support/process.js';
import { EXCEPTIONS, type Exception, FUNCTION_EXCEPTIONS } from './exceptions.js';
import { forgetfulStatements } from './forgetful-statements.js';
import { OWNER_COLUMNS, OWNER_FUNCTIONS, SHARED_KEYS } from './owned-schema.js';
import { OwnerCheck, type Verdict } from './owner-check.js';
import { type IssuedStatement, type Recording, statementLog } from './statement-log.js';
import { tour } from './tour.js';

vi.setConfig({ testTimeout: 180_000 });

/** The methods of repositories whose statements others of the same repository issue. */
const DELEGATING = [
  'AdministrationRepository.lockDomain',
  'AdministrationRepository.lockId',
  'OrganizationVersionRepository.diff',
  'OrganizationVersionRepository.find',
  'OrganizationVersionRepository.findAsOf',
  'SettingsVersionRepository.diff',
  'SettingsVersionRepository.find',
  'SettingsVersionRepository.findAsOf',
];

const schema = inject('schema');

let app: TestApp;
let receiver: InvitationReceiver;

beforeAll(async () => {
  receiver = await InvitationReceiver.start();
  const variables = {
    ...receiver.variables,
    HISTORY_KEEP_VERSIONS: '1',
    HISTORY_MAX_BYTES: '1024',
    JWT_LINK_BY_EMAIL: 'true',
  };
  app = await TestApp.start(variables, undefined, { preload: ['background-work.js'] });
});
afterAll(async () => {
  await app.close();
  await receiver.down();
});

describe('what the check knows of the database', () => {
  it('is every table, and the column that leads its primary key', async () => {
    const keys = await app.dataSource.query<{ name: string; owner: string }[]>(
      `select c.relname as name, a.attname as owner from pg_class c
       left join pg_index i on i.indrelid = c.oid and i.indisprimary
       left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname not in ('migrations', 'schema_functions')`,
    );
    expect(Object.fromEntries(keys.map(({ name, owner }) => [name, owner]))).toStrictEqual(
      Object.fromEntries(Object.entries(OWNER_COLUMNS).map(([name, [owner = SHARED_KEYS[name]]]) => [name, owner])),
    );
    expect(Object.keys(schema.tables).sort()).toStrictEqual(Object.keys(OWNER_COLUMNS).sort());
  });

  it('is every function that reads one of them, for the owner who is its first argument', async () => {
    const functions = await app.dataSource.query<{ name: string; definition: string }[]>(
      `select proname as name, pg_get_functiondef(oid) as definition from pg_proc
       where pronamespace = 'public'::regnamespace order by 1`,
    );
    const check = new OwnerCheck(schema);
    const verdicts = functions.map(({ name, definition }) => ({ name, ...check.checkFunction(definition) }));
    const forgetful = verdicts.flatMap(({ name, findings }) => findings.map(({ subject }) => `${name}: ${subject}`));
    expect([...new Set(forgetful)].sort()).toStrictEqual(
      FUNCTION_EXCEPTIONS.map(({ by, table }) => `${by}: ${table}`).sort(),
    );
    const readers = verdicts.filter(({ subjects }) => subjects.size > 0).map(({ name }) => name);
    expect(readers).toStrictEqual(OWNER_FUNCTIONS);
  });
});

describe('the statements of the repositories', () => {
  let recording: Recording;
  let issued: IssuedStatement[];

  beforeAll(async () => {
    await tour(app, receiver);
    recording = statementLog.read();
    issued = recording.statements;
  });

  it('are all of them', () => {
    const calls = [...new Set(recording.calls)].sort();
    expect(calls).toStrictEqual([...recording.methods].sort());
    const isSilent = (method: string) => !method.endsWith('.within') && issued.every(({ by }) => by !== method);
    expect(calls.filter(isSilent)).toStrictEqual(DELEGATING);
  });

  it('name their owners, and every exception from that is needed', () => {
    const used = new Set<Exception>();
    expect(forgetfulStatements(issued, schema, used)).toStrictEqual([]);
    expect(EXCEPTIONS.filter((exception) => !used.has(exception))).toStrictEqual([]);
  });

  it('would all be caught without the ids of their owners', () => {
    const check = new OwnerCheck(schema);
    const robbed = issued.map(({ by, text }) => ({ by, text, without: withoutOwners(text) }));
    const changed = robbed.filter(({ text, without }) => text !== without && hasOwner(check.check(text)));
    expect(changed.length).toBeGreaterThan(20);
    const missed = changed.filter(({ without }) => check.check(without).findings.length === 0);
    expect(missed).toStrictEqual([]);
  });

  function hasOwner({ subjects }: Verdict): boolean {
    return [...subjects].some((subject) => subject !== 'service_accounts');
  }

  /** Turns each comparison of a column that names an owner into its opposite. */
  function withoutOwners(text: string): string {
    return text.replace(/(\b(?:organization_|user_)?id"?) = /g, '$1 <> ').replace(/(\bid"?) IN /g, '$1 NOT IN ');
  }
});

describe('a statement that forgets its owner', () => {
  it('fails the test file in which the application issued it', { timeout: 120_000 }, async () => {
    const planted = 'test/tenants/planted/forgetful-read.e2e-spec.ts';
    const variables = { PLANT_FORGETFUL_READ: '1', NO_COLOR: '1' };
    const run = ['node_modules/vitest/vitest.mjs', 'run', planted];
    const { code, stdout, stderr } = await runCommand(process.execPath, run, process.cwd(), variables);
    expect(stdout).toMatch(/Tests +1 passed/);
    expect(stderr).toContain(
      'SettingsRepository.read: organization_settings is not bound to a parameter by organization_id, in\n',
    );
    expect(stderr).toContain('left join organization_settings s on true');
    expect(code).toBe(1);
  });
});

describe('one connection', () => {
  it('serves two organizations in turn, also after a statement that failed', async () => {
    const single = await TestApp.start({ DATABASE_POOL_SIZE: '3' });
    const path = '/settings/organization';
    const owners = [(await anOrganization(single.dataSource)).owner, (await anOrganization(single.dataSource)).owner];
    for (const as of owners) await single.request('PUT', path, { as, body: { owner: as } });
    const headers = { 'content-type': 'application/json-patch+json' };
    const body = [{ op: 'test', path: '/owner', value: 'nobody' }];
    const turns = Array.from({ length: 40 }, async (_, turn) => {
      const as = owners[turn % 2]!;
      const failed = await single.request('PATCH', path, { as, headers, body });
      const read = await single.request('GET', path, { as });
      return { failed: failed.status, isOwn: (read.body as { settings: { owner: string } }).settings.owner === as };
    });
    for (const turn of await Promise.all(turns)) expect(turn).toStrictEqual({ failed: 409, isOwn: true });
    await single.close();
  });
});
