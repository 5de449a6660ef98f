import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { OWNER_COLUMNS } from '../tenants/owned-schema.js';
import { type Catalog, obstacles, placementsOf } from './distribution.js';

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
      /'user_settings', 'user_id', colocate_with => 'users'/,
      "'user_settings', 'user_id', colocate_with => 'none'",
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
