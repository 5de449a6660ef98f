import { tmpdir } from 'node:os';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET, TestApp } from '../support/app.js';
import { connect } from '../support/data-source.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { aBareDatabase, type TestDatabase } from '../support/database.js';
import { migrate, revertMigration, revertMigrationsAfter } from '../support/migrate.js';
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

    await revertMigration(database.variables);
    await revertMigrationsAfter(undefined, database.variables);
    expect(await tables()).toStrictEqual(['migrations']);
    expect(await functions()).toStrictEqual([]);

    await migrate(database.variables);
  });

  it('have all JSON compressed by LZ4, where PostgreSQL has it', async () => {
    await migrate(database.variables);
    const others = await names(
      `select attrelid::regclass || '.' || attname as name from pg_attribute
       where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r')
         and atttypid = 'jsonb'::regtype and attcompression <> 'l'`,
    );
    const [method] = await names(
      `select unnest(enumvals) as name from pg_settings
       where name = 'default_toast_compression' order by name = 'lz4' desc`,
    );
    expect(method === 'lz4' ? others : []).toStrictEqual([]);
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

  it('keep each profile whole that there is, and have its versions begin with it', async () => {
    await migrate(database.variables);
    // One with a history of patches alone, one that nobody changed since, one without any history.
    const [changed, created, unknown] = [
      await anOrganization(dataSource),
      await anOrganization(dataSource),
      await anOrganization(dataSource),
    ] as const;
    await revertMigrationsAfter('LoadFunctionsFromFiles1795651200000', database.variables);
    for (const { id, version } of [
      { ...changed, version: 2 },
      { ...created, version: 0 },
      { ...unknown, version: 5 },
    ]) {
      await dataSource.query(
        `update organizations set version = $2::bigint, city = 'City ' || $2::bigint where id = $1`,
        [id, version],
      );
    }
    const patch = (n: number) => JSON.stringify([{ op: 'replace', path: '/city', value: `City ${n}` }]);
    for (const [id, version, operation, operations] of [
      [changed.id, 0, 'create', '[]'],
      [changed.id, 1, 'update', patch(1)],
      [changed.id, 2, 'update', patch(2)],
      [created.id, 0, 'create', '[]'],
    ]) {
      await dataSource.query(
        `insert into organization_changes (organization_id, context, version, id, at, operation, patch)
         values ($1::uuid, 4, $2::bigint, change_id_from(now()) + $2::bigint, now(), $3, $4)`,
        [id, version, operation, operations],
      );
    }
    await migrate(database.variables);

    const app = await TestApp.start({}, database);
    try {
      const send = (method: string, { id, owner }: TestOrganization, at: string, body?: unknown) =>
        app.request(method, `/organization/${id}${at}`, { as: owner, body });
      const cityOf = async (of: TestOrganization, version: number) => {
        const { body } = await send('GET', of, `/versions/${version}`);
        return (body as { data: { profile?: { city: string } } | null }).data?.profile?.city;
      };
      const versionsOf = async (of: TestOrganization) => {
        const { body } = await send('GET', of, '/versions');
        const { versions } = (body as { data: { versions: { version: number; operation: string }[] } }).data;
        return versions.map(({ version, operation }) => `${version} ${operation}`);
      };
      for (const [of, version] of [
        [changed, 2],
        [created, 0],
        [unknown, 5],
      ] as const) {
        const now = (await send('GET', of, '')).body as { data: object };
        const kept = (await send('GET', of, `/versions/${version}`)).body;
        expect(kept).toMatchObject({ data: { version, profile: now.data } });
        expect((await send('PUT', of, '', { city: 'New' })).status).toBe(200);
        expect(await cityOf(of, version)).toBe(`City ${version}`);
        expect(await cityOf(of, version + 1)).toBe('New');
        expect((await send('POST', of, `/versions/${version}/restore`)).body).toMatchObject({ data: now.data });
      }
      expect(await cityOf(changed, 0)).toBeUndefined();
      expect(await cityOf(changed, 1)).toBeUndefined();
      expect(await cityOf(unknown, 4)).toBeUndefined();
      expect(await versionsOf(changed)).toStrictEqual(['4 restore', '3 update', '2 update', '1 update', '0 create']);
      expect(await versionsOf(unknown)).toStrictEqual(['7 restore', '6 update', '5 baseline']);
    } finally {
      await app.close();
    }
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
