import { Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { loadFunctions, staleFunctions } from './schema-functions.js';

/** The database's schema is older than this version of the service needs. */
export class SchemaOutdatedError extends Error {
  constructor() {
    super(
      'The database schema is older than this version needs: run "npm run migration:run", or set MIGRATE_ON_START=true',
    );
    this.name = 'SchemaOutdatedError';
  }
}

/** Any number that no other advisory lock of the database uses. */
const MIGRATION_LOCK = 4_815_162_342;

/**
 * Brings the schema up to date: runs the pending migrations, then loads the functions that changed. Of several
 * instances that start at once one does it, the others wait for it.
 *
 * The lock is a transaction's, so it also holds through a pooler that hands out connections by transaction.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await runMigrations(dataSource);
    await load(manager);
  });
}

/**
 * The same where nobody else can do it: on the embedded database, which has one session, and whose folder is locked.
 */
export async function migrateAlone(dataSource: DataSource): Promise<void> {
  await runMigrations(dataSource);
  await dataSource.transaction(load);
}

async function runMigrations(dataSource: DataSource): Promise<void> {
  const done = await dataSource.runMigrations({ transaction: 'each' });
  for (const migration of done) new Logger('Database').log(`Migrated: ${migration.name}`);
}

async function load(manager: EntityManager): Promise<void> {
  const names = await loadFunctions(manager);
  if (names.length > 0) new Logger('Database').log(`Loaded ${names.length} functions`);
}

/**
 * Makes sure that the schema has all that this version needs. It may have functions that a newer version loaded, which
 * runs beside this one during an upgrade.
 *
 * @throws SchemaOutdatedError
 */
export async function requireCurrentSchema(dataSource: DataSource): Promise<void> {
  const done = await migrationsDone(dataSource);
  const isPending = dataSource.migrations.some((migration) => !done.has(migration.name ?? migration.constructor.name));
  if (isPending) throw new SchemaOutdatedError();
  const { missing, different } = await staleFunctions(dataSource.manager);
  if (missing.length > 0) throw new SchemaOutdatedError();
  if (different.length > 0 && done.size <= dataSource.migrations.length) {
    new Logger('Database').warn(
      `The database has other functions than this version (${different.join(', ')}): ` +
        'run "npm run migration:run", unless a newer version runs beside it',
    );
  }
}

/** Read past TypeORM, which would create the table: this role may not be allowed to. */
async function migrationsDone(dataSource: DataSource): Promise<Set<string>> {
  const [table] = await dataSource.query<{ exists: boolean }[]>(
    `select to_regclass('migrations') is not null as "exists"`,
  );
  if (!table?.exists) return new Set();
  const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
  return new Set(rows.map((row) => row.name));
}
