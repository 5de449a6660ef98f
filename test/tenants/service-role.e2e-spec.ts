import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseSync } from 'libpg-query';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET, TestApp } from '../support/app.js';
import { within } from '../support/connection.js';
import { aBareDatabase, type TestDatabase } from '../support/database.js';
import { migrate } from '../support/migrate.js';
import { anOrganization } from '../support/factories.js';
import { aFolder, runService } from '../support/process.js';
import { InvitationReceiver } from '../support/invitation-receiver.js';
import { onServer } from '../support/server.js';
import { OWNER_COLUMNS } from './owned-schema.js';
import { statementLog } from './statement-log.js';
import { tour } from './tour.js';

vi.setConfig({ testTimeout: 180_000 });

const PASSWORD = randomBytes(12).toString('hex');
const suffix = randomBytes(4).toString('hex');

/** The names that the documentation uses, and those of this run: roles are the server's. */
const ROLES = { migrator: `flashback_migrator_${suffix}`, service: `flashback_service_${suffix}` };
type RoleName = keyof typeof ROLES;

const withRoles = (sql: string) =>
  sql.replace(/^(?!--).*$/gm, (line) =>
    line.replace(/\bto (migrator|service)\b/g, (_, role: RoleName) => `to ${ROLES[role]}`),
  );

/** Once, before the first migration. The roles themselves are made below, with names of this run. */
const PREPARATION = withRoles(
  readFileSync('docs/roles.sql', 'utf8')
    .match(/^grant .*$/gm)!
    .join('\n'),
);
const GRANTS = withRoles(readFileSync('docs/grants.sql', 'utf8'));

interface Grant {
  table: string;
  privilege: string;
}

/** What a statement does to which table. */
function grantsFor(text: string): Grant[] {
  const found: Grant[] = [];
  const walk = (node: unknown, privilege: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('relname' in node) found.push({ table: String(node.relname), privilege });
    if ('lockingClause' in node && 'fromClause' in node) walk(node.fromClause, 'UPDATE');
    for (const [kind, inner] of Object.entries(node) as [string, object][]) {
      const change = /^(Insert|Update|Delete)Stmt$/.exec(kind)?.[1]?.toUpperCase();
      if (change !== undefined) walk((inner as { relation: object }).relation, change);
      walk(inner, 'SELECT');
    }
  };
  walk(parseSync(text), 'SELECT');
  return found.filter(({ table }) => table in OWNER_COLUMNS);
}

const nameOf = ({ directUrl }: TestDatabase) => new URL(directUrl).pathname.slice(1);

const listOf = (grants: Grant[]) => [...new Set(grants.map(({ table, privilege }) => `${table} ${privilege}`))].sort();

describe('a role of its own for the service', () => {
  let database: TestDatabase;
  let app: TestApp;
  let receiver: InvitationReceiver;

  const urlFor = (role?: RoleName) => {
    const url = new URL(database.variables['DATABASE_URL']!);
    if (role !== undefined) [url.username, url.password] = [ROLES[role], PASSWORD];
    return url.href;
  };
  const run = <Row extends pg.QueryResultRow>(sql: string, role?: RoleName) =>
    within(urlFor(role), (client) => client.query<Row>(sql));

  beforeAll(async () => {
    database = await aBareDatabase();
    for (const role of Object.values(ROLES)) await onServer(`create role ${role} login password '${PASSWORD}'`);
    await run(PREPARATION);
    await run('create schema elsewhere; create table elsewhere.secrets (id int)');
    await migrate({ DATABASE_URL: urlFor('service'), MIGRATION_DATABASE_URL: urlFor('migrator') });
    await run(GRANTS, 'migrator');
    receiver = await InvitationReceiver.start();
    const variables = {
      ...receiver.variables,
      DATABASE_URL: urlFor('service'),
      HISTORY_KEEP_VERSIONS: '1',
      HISTORY_MAX_BYTES: '1024',
      JWT_LINK_BY_EMAIL: 'true',
    };
    app = await TestApp.start(variables, database, { preload: ['background-work.js'] });
  });
  afterAll(async () => {
    await app.close();
    await receiver.down();
    await database.drop();
    for (const role of Object.values(ROLES)) await onServer(`drop role ${role}`);
  });

  it('may do all that callers and operators ask for, and no more', async () => {
    await tour(app, receiver);
    const needed = statementLog.read().statements.flatMap(({ text }) => grantsFor(text));
    const { rows } = await run<Grant>(
      `select table_name as table, privilege_type as privilege from information_schema.role_table_grants
       where grantee = '${ROLES.service}'`,
    );
    const atStart = ['migrations', 'schema_functions'].map((table) => ({ table, privilege: 'SELECT' }));
    expect(listOf(rows)).toStrictEqual(listOf([...needed, ...atStart]));
  });

  it('gets the same when the grants are run again', async () => {
    await run(GRANTS, 'migrator');
    expect((await app.request('GET', '/health')).status).toBe(200);
  });

  it.each([
    'create table mine (id int)',
    'create schema mine',
    'create extension pgcrypto',
    'create role mine',
    'create trigger mine before insert on users execute function change_id()',
    'create or replace function change_id(at timestamptz) returns bigint language sql as $$ select 1::bigint $$',
    'alter table users add mine int',
    'alter table users disable trigger all',
    'alter function change_id(timestamptz) security definer',
    `alter role ${ROLES.service} superuser`,
    'alter system set log_statement = none',
    'drop table event_reads',
    'drop function settings_merge(jsonb, jsonb)',
    'truncate event_reads',
    'delete from organizations',
    'update organizations set name = id::text',
    'delete from organization_settings',
    'update organization_settings set version = 1',
    'insert into organization_changes select * from organization_changes',
    'create or replace function change_id_of(timestamptz, integer, text, bigint) returns bigint language sql as $$ select 1::bigint $$',
    'alter function erase_user(varchar) owner to current_user',
    'update user_changes set reason = null',
    'update event_reads set event_id = 1',
    'delete from migrations',
    `insert into migrations (timestamp, name) values (1, 'mine')`,
    `select setval('change_sequence', 1)`,
    'select * from elsewhere.secrets',
    `select pg_read_file('/etc/hostname')`,
    `copy users to program 'cat'`,
    `set role ${ROLES.migrator}`,
  ])('may not %s', async (sql) => {
    await expect(run(sql, 'service')).rejects.toMatchObject({ code: '42501' });
  });

  it.each([
    ['a superuser', undefined, /^The role \w+ is a superuser, so nothing in the database keeps a statement from/],
    ['the owner', 'migrator', /^The role flashback_migrator_\w+ owns the tables, so nothing in the database keeps/],
    ['its own', 'service', undefined],
  ] as const)('is warned about in one line when it can do more: %s', async (_, role, warning) => {
    const warnings: string[] = [];
    const write = (line: string) => void warnings.push((JSON.parse(line) as { msg: string }).msg);
    const other = await TestApp.start({ DATABASE_URL: urlFor(role), LOG_LEVEL: 'warn' }, database, { write });
    await other.close();
    expect(warnings).toStrictEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
  });

  it('may be used with a schema of another name', async () => {
    const other = await aBareDatabase();
    const url = (role: RoleName) => {
      const address = new URL(other.variables['DATABASE_URL']!);
      [address.username, address.password] = [ROLES[role], PASSWORD];
      return address.href;
    };
    const schema = '"Tenant Data"';
    await within(other.directUrl, (client) => client.query(`create schema ${schema} authorization ${ROLES.migrator}`));
    await onServer(`alter database ${nameOf(other)} set search_path = ${schema}`);
    await migrate({ DATABASE_URL: url('service'), MIGRATION_DATABASE_URL: url('migrator') });
    await within(url('migrator'), (client) => client.query(GRANTS));
    const elsewhere = await TestApp.start({ DATABASE_URL: url('service') }, other);
    const { owner } = await anOrganization(elsewhere.dataSource);
    const written = await elsewhere.request('PUT', '/settings/organization', { as: owner, body: { a: 1 } });
    await elsewhere.close();
    await other.drop();
    expect(written.status).toBe(200);
  });

  it('is told at the start what it lacks', async () => {
    const folder = await aFolder();
    await run(`revoke select on migrations from ${ROLES.service}`, 'migrator');
    const { code, stderr } = await runService(folder.path, { DATABASE_URL: urlFor('service'), JWT_SECRET, PORT: '0' });
    await run(GRANTS, 'migrator');
    await folder.remove();
    expect({ code, stderr }).toStrictEqual({
      code: 1,
      stderr: 'The database refuses what the start needs (docs/grants.sql): permission denied for table migrations\n',
    });
  });
});
