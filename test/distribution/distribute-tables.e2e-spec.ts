import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { within } from '../support/connection.js';
import { OWNER_COLUMNS } from '../tenants/owned-schema.js';
import { type Catalog, obstacles, placementsOf } from './distribution.js';
import { EXCEPTIONS } from './known-statements.js';

const SCRIPT = readFileSync('scripts/distribute-tables.sql', 'utf8');

let app: TestApp;
let catalog: Catalog;

beforeAll(async () => {
  app = await TestApp.start();
  catalog = await readCatalog();
});
afterAll(() => app.close());

describe('scripts/distribute-tables.sql', () => {
  it('places every table, and nothing in the schema stands in its way', () => {
    expect(catalog.uniques.length).toBeGreaterThanOrEqual(Object.keys(OWNER_COLUMNS).length);
    expect(catalog.foreignKeys.length).toBeGreaterThan(0);
    expect(obstacles(placementsOf(SCRIPT), catalog)).toStrictEqual([]);
  });

  it('places rows by the owner of whom each statement is proved to name one', () => {
    const columns = placementsOf(SCRIPT).map(({ table, column }) => [table, column]);
    const owners = Object.entries({ ...OWNER_COLUMNS, migrations: [], schema_functions: [] }).map(
      ([table, [owner = null]]) => [table, owner],
    );
    expect(Object.fromEntries(columns)).toStrictEqual(Object.fromEntries(owners));
  });

  it.each([
    ['a table is left out', /^.*'event_reads'.*$/m, '', ['event_reads is not placed']],
    [
      'a key lacks the column',
      "'members', 'organization_id'",
      "'members', 'role'",
      [
        'members and organizations are placed by columns of different types',
        'pk_members of members lacks role',
        'fk_members_organization leads from members to rows of organizations on other nodes',
      ],
    ],
    [
      'tables that belong together are apart',
      "'user_settings', 'user_id', 'users'",
      "'user_settings', 'user_id', 'none'",
      ['fk_user_settings_user leads from user_settings to rows of users on other nodes'],
    ],
    [
      'a table is placed before the one to which it refers',
      /^(.*'users', 'id'.*)\n(.*)$/m,
      '$2\n$1',
      [
        'user_settings is placed with users, which is not placed before',
        'fk_user_settings_user needs users to be placed before user_settings',
      ],
    ],
  ])('is seen to be wrong when %s', (_, part, other, expected) => {
    const wrong = SCRIPT.replace(part, other);
    expect(wrong).not.toBe(SCRIPT);
    expect(obstacles(placementsOf(wrong), catalog)).toStrictEqual(expected);
  });
});

describe('what the script has Citus do', () => {
  let done: { call: string; name: string; argument: string | null; beside: string | null }[];

  /** Runs the script, whose calls of Citus are written down in the place of a cluster's work. */
  const run = () =>
    within(app.database.directUrl, async (client) => {
      await client.query(`truncate citus.calls; set search_path = public, citus; begin`);
      await client.query(SCRIPT);
      await client.query('commit');
      return (await client.query<(typeof done)[number]>('select * from citus.calls')).rows;
    });
  const placed = (call: string, argument: string | null = null) =>
    done.filter((one) => one.call === call && one.argument === argument).map(({ name }) => name);

  beforeAll(async () => {
    await app.dataSource.query(CITUS);
    done = await run();
  });

  it('places the tables of its list, in its order, and leaves no copy of their rows behind', () => {
    const placements = placementsOf(SCRIPT);
    const tables = done.filter(({ call }) => call === 'create_distributed_table' || call === 'create_reference_table');
    expect(tables.map(({ name, argument, beside }) => [name, argument, beside])).toStrictEqual(
      placements.map(({ table, column, with: other }) => [table, column, column === null ? null : (other ?? 'none')]),
    );
    expect(placed('truncate_local_data_after_distributing_table')).toStrictEqual(placements.map(({ table }) => table));
  });

  it('places every function once: by its owner, unless it is an exception, or reads nothing of an owner', async () => {
    const functions = await app.dataSource.query<{ name: string; first: string | null }[]>(
      `select p.oid::regprocedure::text as name, p.proargnames[1] as first from pg_proc p
       where p.pronamespace = 'public'::regnamespace order by 1`,
    );
    expect(functions.length).toBeGreaterThan(60);
    const isByOwner = ({ name, first }: (typeof functions)[number]) =>
      /^p_(organization|user)_id$/.test(first ?? '') && !(name.split('(')[0]! in EXCEPTIONS);
    const byOwner = functions.filter(isByOwner);
    for (const [argument, beside] of [
      ['p_organization_id', 'organizations'],
      ['p_user_id', 'users'],
    ] as const) {
      const expected = byOwner.filter(({ first }) => first === argument).map(({ name }) => name);
      expect(placed('create_distributed_function', argument).toSorted()).toStrictEqual(expected.toSorted());
      for (const one of done.filter((call) => call.argument === argument)) expect(one.beside).toBe(beside);
    }
    const others = functions.filter((one) => !isByOwner(one)).map(({ name }) => name);
    expect(placed('create_distributed_function').toSorted()).toStrictEqual(others.toSorted());
  });

  it('is nothing for the tables when it is run again, and places what is new', async () => {
    await app.dataSource.query('delete from citus.pg_dist_partition where logicalrelid = $1::regclass', [
      'invitations',
    ]);
    done = await run();
    expect(placed('create_distributed_table', 'organization_id')).toStrictEqual(['invitations']);
    expect(placed('create_reference_table')).toStrictEqual([]);
    expect(placed('truncate_local_data_after_distributing_table')).toStrictEqual(['invitations']);
  });
});

/** What Citus has of this, and does nothing but write down that it was called. */
const CITUS = `
  create schema citus;
  create table citus.pg_dist_partition (logicalrelid regclass);
  create table citus.calls (call text, name text, argument text, beside text);
  create function citus.create_reference_table(regclass) returns void language sql as $$
    insert into citus.pg_dist_partition values ($1);
    insert into citus.calls values ('create_reference_table', $1::text)
  $$;
  create function citus.create_distributed_table(regclass, text, colocate_with text) returns void language sql as $$
    insert into citus.pg_dist_partition values ($1);
    insert into citus.calls values ('create_distributed_table', $1::text, $2, $3)
  $$;
  create function citus.truncate_local_data_after_distributing_table(regclass) returns void language sql as $$
    insert into citus.calls values ('truncate_local_data_after_distributing_table', $1::text)
  $$;
  create function citus.create_distributed_function(regprocedure, text default null, colocate_with text default null)
  returns void language sql as $$
    insert into citus.calls values ('create_distributed_function', $1::text, $2, $3)
  $$`;

async function readCatalog(): Promise<Catalog> {
  const { dataSource } = app;
  const columns = await dataSource.query<{ table: string; column: string; type: string }[]>(
    `select c.relname as table, a.attname as column, a.atttypid::regtype::text as type
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`,
  );
  const tables: Record<string, Record<string, string>> = {};
  for (const { table, column, type } of columns) (tables[table] ??= {})[column] = type;
  const namesOf = (relation: string, numbers: string) => `array(
    select a.attname::text from unnest(${numbers}) with ordinality k (number, place)
    join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.number order by k.place)`;
  return {
    tables,
    uniques: await dataSource.query(
      `select i.indexrelid::regclass::text as name, i.indrelid::regclass::text as table,
         ${namesOf('i.indrelid', 'i.indkey::int2[]')} as columns
       from pg_index i join pg_class c on c.oid = i.indrelid
       where i.indisunique and c.relnamespace = 'public'::regnamespace`,
    ),
    foreignKeys: await dataSource.query(
      `select f.conname as name, f.conrelid::regclass::text as table, f.confrelid::regclass::text as to,
         ${namesOf('f.conrelid', 'f.conkey')} as columns, ${namesOf('f.confrelid', 'f.confkey')} as "toColumns"
       from pg_constraint f where f.contype = 'f' and f.connamespace = 'public'::regnamespace order by 1`,
    ),
  };
}
