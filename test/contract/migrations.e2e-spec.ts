import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/configure-app.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { migrate, requireCurrentSchema, SchemaOutdatedError } from '../../src/database/schema.js';
import { entities } from '../../src/entities.js';
import { testEnvironment } from '../support/app.js';
import { aBareDatabase, type TestDatabase } from '../support/database.js';
import { SERVER_URL } from '../support/server.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await aBareDatabase();
});
afterAll(() => database.drop());

const dataSource = () => new DataSource(dataSourceOptions(testEnvironment(database.variables), entities));

describe('the migrations', () => {
  it('go up from nothing, leave no difference to the entities, and go down to nothing', async () => {
    const migrating = await dataSource().initialize();
    const tables = async () =>
      (
        await migrating.query<{ name: string }[]>(
          `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
        )
      ).map(({ name }) => name);
    const functions = async () =>
      (
        await migrating.query<{ name: string }[]>(
          `select proname as name from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
        )
      ).map(({ name }) => name);

    const done = await migrating.runMigrations();
    expect(done).toHaveLength(migrating.migrations.length);
    expect(await tables()).toContain('organization_settings');
    const { upQueries } = await migrating.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toStrictEqual([]);

    for (let left = done.length; left > 0; left--) await migrating.undoLastMigration();
    expect(await tables()).toStrictEqual(['migrations']);
    expect(await functions()).toStrictEqual([]);

    await migrating.runMigrations();
    await migrating.destroy();
  });

  it.runIf(SERVER_URL !== undefined)('are run once when several instances start at the same time', async () => {
    const fresh = await aBareDatabase();
    const environment = testEnvironment({ ...fresh.variables, MIGRATE_ON_START: 'true', DATABASE_POOL_SIZE: '3' });
    const apps = await Promise.all([createApp(environment), createApp(environment), createApp(environment)]);
    for (const app of apps) await app.close();
    const check = await new DataSource(dataSourceOptions(environment, entities)).initialize();
    expect(await check.query('select count(*)::int as done from migrations')).toStrictEqual([
      { done: check.migrations.length },
    ]);
    await check.destroy();
    await fresh.drop();
  });

  it('are missed at the start when they were not run', async () => {
    const fresh = await aBareDatabase();
    const old = await new DataSource(dataSourceOptions(testEnvironment(fresh.variables), entities)).initialize();
    await expect(requireCurrentSchema(old)).rejects.toThrow(SchemaOutdatedError);
    await old.runMigrations();
    await expect(requireCurrentSchema(old)).resolves.toBeUndefined();
    await old.undoLastMigration();
    await expect(requireCurrentSchema(old)).rejects.toThrow(SchemaOutdatedError);
    if (SERVER_URL !== undefined) {
      await expect(createApp(testEnvironment(fresh.variables))).rejects.toThrow(SchemaOutdatedError);
      await migrate(old);
      await expect(requireCurrentSchema(old)).resolves.toBeUndefined();
    }
    await old.destroy();
    await fresh.drop();
  });
});
