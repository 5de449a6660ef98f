import type { DataSource } from 'typeorm';
import type { OwnedSchema } from './owner-check.js';

/**
 * Which columns name the owner of a row: the first one leads the primary key (docs/adr/0005). A row of `user_changes` also
 * belongs to the organization that the user was in. None: the rows are everybody's.
 */
export const OWNER_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  users: ['id'],
  organizations: ['id'],
  members: ['organization_id'],
  organization_settings: ['organization_id'],
  organization_changes: ['organization_id'],
  user_settings: ['user_id'],
  user_changes: ['user_id', 'organization_id'],
  event_reads: ['user_id'],
  service_accounts: [],
};

/** The functions of the schema that read these tables. */
export const OWNER_FUNCTIONS = ['organization_settings_at', 'user_settings_at'];

/** The tables that TypeORM knows, and whose rows are in them. */
export function ownedSchemaOf(dataSource: DataSource): OwnedSchema {
  const tables = dataSource.entityMetadatas.flatMap(({ tableName, columns }) => {
    const owners = OWNER_COLUMNS[tableName];
    return owners === undefined
      ? []
      : [[tableName, { owners, columns: columns.map(({ databaseName }) => databaseName) }] as const];
  });
  return { tables: Object.fromEntries(tables), functions: OWNER_FUNCTIONS };
}
