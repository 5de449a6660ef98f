import type pg from 'pg';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { within } from '../support/connection.js';
import { aBareDatabase, aDatabase, type TestDatabase } from '../support/database.js';
import { anOrganization } from '../support/factories.js';
import { directUrlOf, onServer, POOLER, SERVER_URL } from '../support/server.js';
import { crowd, tour } from './tour.js';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

type Settings = Record<string, string>;

const nameOf = ({ variables }: TestDatabase) => new URL(variables['DATABASE_URL']!).pathname.slice(1);

/** For the tests' own sessions, which are no part of the matter. */
const ORDINARY = encodeURIComponent(
  ['statement_timeout=0', 'idle_session_timeout=0', 'DateStyle=ISO', 'TimeZone=UTC', 'search_path=public']
    .map((setting) => `-c ${setting}`)
    .join(' '),
);

/** The same database, to which the tests' own sessions find without its owner's defaults. */
const withOrdinarySessions = (database: TestDatabase) => ({
  ...database,
  directUrl: `${directUrlOf(nameOf(database))}?options=${ORDINARY}`,
});

/** One statement of the superuser in a test's database, past any pooler. */
function inDatabase<Row extends pg.QueryResultRow>(database: TestDatabase, statement: string): Promise<Row[]> {
  return within(withOrdinarySessions(database).directUrl, async (client) => (await client.query<Row>(statement)).rows);
}

/** What no pooler passes on, and docs/scaling.md has it set only where an owner has set it, too. */
const ONLY_WITHOUT_POOLER = new Set([
  'exit_on_error',
  'statement_timeout',
  'synchronous_commit',
  'transaction_timeout',
]);

/** @param whose of which sessions: those in a database, or those of a role in it */
async function setDefaults(whose: string, settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (POOLER !== undefined && ONLY_WITHOUT_POOLER.has(name)) continue;
    await onServer(`alter ${whose} set ${name} = '${value}'`).catch((error: unknown) => {
      // 42704 undefined_object: the server is too old or too new to know it.
      if ((error as { code?: string }).code !== '42704') throw error;
    });
  }
}

/** What two owners have set. */
const DEFAULTS: Record<'European' | 'American', Settings> = {
  European: {
    array_nulls: 'off',
    bytea_output: 'escape',
    client_encoding: 'LATIN1',
    client_min_messages: 'debug1',
    DateStyle: 'German',
    default_toast_compression: 'lz4',
    default_transaction_deferrable: 'on',
    default_transaction_isolation: 'serializable',
    extra_float_digits: '-15',
    idle_in_transaction_session_timeout: '20',
    idle_session_timeout: '20',
    IntervalStyle: 'sql_standard',
    jit: 'on',
    lc_messages: 'POSIX',
    lc_monetary: 'POSIX',
    lc_numeric: 'POSIX',
    lc_time: 'POSIX',
    plan_cache_mode: 'force_custom_plan',
    quote_all_identifiers: 'on',
    row_security: 'off',
    standard_conforming_strings: 'off',
    TimeZone: 'Pacific/Chatham',
    transform_null_equals: 'on',
    xmloption: 'document',
  },
  American: {
    array_nulls: 'off',
    backslash_quote: 'off',
    check_function_bodies: 'off',
    DateStyle: 'SQL, MDY',
    default_transaction_isolation: 'repeatable read',
    exit_on_error: 'on',
    force_parallel_mode: 'on',
    IntervalStyle: 'iso_8601',
    join_collapse_limit: '1',
    lock_timeout: '100',
    statement_timeout: '1',
    synchronous_commit: 'off',
    TimeZone: 'America/St_Johns',
    transaction_timeout: '1',
    work_mem: '64kB',
  },
};

describe('a database with session defaults of its owner', () => {
  let expected: string[];
  let database: TestDatabase;
  let app: TestApp | undefined;

  beforeAll(async () => {
    const ordinary = await TestApp.start();
    ({ seen: expected } = await tour(ordinary));
    await ordinary.close();
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await database.drop();
  });

  it('is migrated and used as any other, in a schema of its owner, too', async () => {
    database = await aBareDatabase();
    await inDatabase(database, `create schema "Acme's \\ schema"`);
    await onServer(`alter database ${nameOf(database)} set search_path = "Acme's \\ schema", public`);
    await setDefaults(`database ${nameOf(database)}`, DEFAULTS.European);
    app = await TestApp.start({ MIGRATE_ON_START: 'true' }, withOrdinarySessions(database));
    const { seen, administrator } = await tour(app);
    expect(seen).toStrictEqual(expected);
    await crowd(app, administrator);
  });

  it('is used as any other where they are those of the role, and lead to tables of others', async () => {
    database = await aDatabase();
    await inDatabase(database, SEEN);
    await inDatabase(
      database,
      'create schema elsewhere; create table elsewhere.users (id int); create table elsewhere.migrations (id int)',
    );
    const role = `role ${new URL(SERVER_URL!).username} in database ${nameOf(database)}`;
    await setDefaults(role, DEFAULTS.American);
    if (POOLER === undefined) await onServer(`alter ${role} set search_path = elsewhere`);
    app = await TestApp.start({}, withOrdinarySessions(database));
    const { seen, administrator } = await tour(app);
    expect(seen).toStrictEqual(expected);
    await crowd(app, administrator);
    expect(await inDatabase(database, 'select distinct isolation, durability from seen')).toStrictEqual([
      { isolation: 'read committed', durability: 'on' },
    ]);
  });

  it('has its history pruned', async () => {
    database = await aDatabase();
    await setDefaults(`database ${nameOf(database)}`, DEFAULTS.European);
    const variables = { HISTORY_KEEP_VERSIONS: '1', HISTORY_KEEP_DAYS: '1' };
    app = await TestApp.start(variables, withOrdinarySessions(database), { preload: ['background-work.js'] });
    const { owner: as } = await anOrganization(app.dataSource);
    const path = '/settings/organization';
    // Long enough, and with enough changes, to be kept whole as of version 2.
    const keys = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`n${n}`, n]));
    for (const body of [{ pad: 'x'.repeat(30_000) }, keys, { last: 1 }]) await app.request('PUT', path, { as, body });
    await inDatabase(database, `update organization_changes set at = now() - interval '25 hours'`);
    expect(await app.process.ask('prune')).toBe(1);
    const { body } = await app.request('GET', `${path}/versions`, { as });
    expect(body).toMatchObject({ versions: [{ version: 3 }, { version: 2 }] });
  });
});

/** Writes down how those transactions run that change settings. */
const SEEN = `
  create table seen (isolation text, durability text);
  create function see() returns trigger language plpgsql as $$ begin
    insert into public.seen values (current_setting('transaction_isolation'), current_setting('synchronous_commit'));
    return new;
  end $$;
  create trigger see before insert or update on organization_settings for each row execute function see()`;
