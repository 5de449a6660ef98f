import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { schemaFunctions } from '../../src/database/schema-functions.js';
import { ChangeContext } from '../../src/history/change-context.js';
import { connect } from '../support/data-source.js';
import { aDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await aDatabase();
  dataSource = await connect(database.directUrl);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('gives each context that a function names the number that it has in the service', async () => {
  const texts = schemaFunctions().map(({ text }) => text);
  const named = texts.flatMap((text) => [...text.matchAll(/change_context\('(\w+)'\)/g)].map(([, name]) => name!));
  const names = [...new Set(named)];
  expect(names).toContain('ORGANIZATION_SETTINGS');
  const rows = await dataSource.query<{ name: string; number: number }[]>(
    'select name, change_context(name) as number from unnest($1::text[]) name',
    [names],
  );
  expect(Object.fromEntries(rows.map(({ name, number }) => [name, number]))).toStrictEqual(
    Object.fromEntries(names.map((name) => [name, ChangeContext[name as keyof typeof ChangeContext]])),
  );
});

it('puts the number in the place of the call when a statement is planned', async () => {
  const plan = await dataSource.query<Record<string, string>[]>(
    `explain (verbose, costs off) select from organization_changes c
     where c.organization_id = gen_random_uuid() and c.context = change_context('ORGANIZATION_SETTINGS')`,
  );
  expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain(`(c.context = '8'::smallint)`);
});
