import { tmpdir } from 'node:os';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET, TestApp } from '../support/app.js';
import { connect } from '../support/data-source.js';
import { aBareDatabase, type TestDatabase } from '../support/database.js';
import { migrate, revertMigration } from '../support/migrate.js';
import { runService } from '../support/process.js';

vi.setConfig({ testTimeout: 120_000 });

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database = await aBareDatabase();
  dataSource = await connect(database.directUrl);
});
afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

const names = async (sql: string) => (await dataSource.query<{ name: string }[]>(sql)).map(({ name }) => name);
const tables = () =>
  names(`select table_name as name from information_schema.tables where table_schema = 'public' order by 1`);
const functions = () =>
  names(`select proname as name from pg_proc where pronamespace = 'public'::regnamespace order by 1`);
const done = () => names('select name from migrations');

describe('the migrations', () => {
  it('go up from nothing, leave no difference to the entities, and go down to nothing', async () => {
    await migrate(database.variables);
    expect(await tables()).toContain('organization_settings');
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toStrictEqual([]);

    for (let left = (await done()).length; left > 0; left--) await revertMigration(database.variables);
    expect(await tables()).toStrictEqual(['migrations']);
    expect(await functions()).toStrictEqual([]);

    await migrate(database.variables);
  });

  it('are run once when several instances start at the same time', async () => {
    const variables = { MIGRATE_ON_START: 'true', DATABASE_POOL_SIZE: '3' };
    const apps = await Promise.all([1, 2, 3].map(() => TestApp.start(variables, database)));
    for (const app of apps) await app.close();
    const made = await done();
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made).size).toBe(made.length);
    await migrate(database.variables);
    expect(await done()).toStrictEqual(made);
  });

  it('are missed at the start when they were not run', async () => {
    const start = async () => {
      const { code, stderr } = await runService(tmpdir(), { ...database.variables, JWT_SECRET, PORT: '0' });
      return { code, stderr };
    };
    const missed = {
      code: 1,
      stderr:
        'The database schema is older than this version needs: run "npm run migration:run", or set MIGRATE_ON_START=true\n',
    };
    expect(await start()).toStrictEqual(missed);
    await migrate(database.variables);
    await (await TestApp.start({}, database)).close();
    await revertMigration(database.variables);
    expect(await start()).toStrictEqual(missed);
    await (await TestApp.start({ MIGRATE_ON_START: 'true' }, database)).close();
    await (await TestApp.start({}, database)).close();
  });
});
