import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

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
 * Runs the pending migrations. Of several instances that start at once one migrates, the others wait for it.
 *
 * The lock is a transaction's, so it also holds through a pooler that hands out connections by transaction.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await migrateAlone(dataSource);
  });
}

/** Runs the pending migrations where nobody else can: on the embedded database, whose folder is locked. */
export async function migrateAlone(dataSource: DataSource): Promise<void> {
  const done = await dataSource.runMigrations({ transaction: 'each' });
  for (const migration of done) new Logger('Database').log(`Migrated: ${migration.name}`);
}

/** @throws SchemaOutdatedError */
export async function requireCurrentSchema(dataSource: DataSource): Promise<void> {
  const done = await migrationsDone(dataSource);
  const isPending = dataSource.migrations.some((migration) => !done.has(migration.name ?? migration.constructor.name));
  if (isPending) throw new SchemaOutdatedError();
}

/** Read without TypeORM's own question, which would create the table: this role may not be allowed to. */
async function migrationsDone(dataSource: DataSource): Promise<Set<string>> {
  const [table] = await dataSource.query<{ exists: boolean }[]>(
    `select to_regclass('migrations') is not null as "exists"`,
  );
  if (!table?.exists) return new Set();
  const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
  return new Set(rows.map((row) => row.name));
}
