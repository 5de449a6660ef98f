import type pg from 'pg';
import type { OwnedSchema } from './owner-check.js';

/**
 * Which columns name the owner of a row: the first one leads the primary key (docs/adr/0005). A row of `user_changes`
 * also belongs to the organization that the user was in. None: the rows are everybody's.
 */
export const OWNER_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  users: ['id'],
  organizations: ['id'],
  members: ['organization_id'],
  organization_settings: ['organization_id'],
  organization_documents: ['organization_id'],
  organization_changes: ['organization_id'],
  organizations_to_thin: ['organization_id'],
  user_settings: ['user_id'],
  user_changes: ['user_id', 'organization_id'],
  users_to_thin: ['user_id'],
  event_reads: ['user_id'],
  user_emails: ['email'],
  user_subjects: ['subject'],
  invitations: ['organization_id'],
  service_accounts: [],
  operator_changes: [],
  system_documents: [],
  policies_in_force: [],
};

/** What leads the primary key of those. */
export const SHARED_KEYS: Readonly<Record<string, string>> = {
  service_accounts: 'id',
  operator_changes: 'id',
  system_documents: 'kind',
  policies_in_force: 'organization_id',
};

/** The functions of the schema that read these tables. */
export const OWNER_FUNCTIONS = [
  'erase_user',
  'invitation_claim',
  'invitation_settle',
  'invitation_wait',
  'keep_invitation',
  'keep_user_change',
  'member_authority',
  'member_change',
  'member_create',
  'member_get',
  'member_list',
  'operator_changed',
  'organization_access',
  'organization_change',
  'organization_change_2',
  'organization_change_3',
  'organization_created',
  'organization_created_2',
  'organization_document',
  'organization_document_at',
  'organization_document_change',
  'organization_document_read',
  'organization_history',
  'organization_history_bytes',
  'organization_history_counted',
  'organization_history_size',
  'organization_impact_asked',
  'organization_impact_asked_2',
  'organization_layers_as_of',
  'organization_settings_at',
  'organization_settings_change',
  'organization_settings_change_2',
  'organization_settings_change_3',
  'organization_version',
  'organization_version_as_of',
  'organization_version_diff',
  'organization_versions',
  'organization_versions_2',
  'prune_impacts',
  'prune_invitations',
  'prune_organization_versions',
  'prune_user_versions',
  'take_email',
  'thin_organization_history',
  'thin_organization_versions',
  'thin_user_history',
  'thin_user_versions',
  'user_access',
  'user_changed',
  'user_changed_2',
  'user_document',
  'user_document_at',
  'user_history_size',
  'user_layers_as_of',
  'user_link',
  'user_move',
  'user_set_email',
  'user_settings_at',
  'user_settings_change',
  'user_settings_change_2',
  'user_settings_change_3',
  'user_validate',
  'user_version',
  'user_version_as_of',
  'user_version_diff',
  'user_versions',
  'user_versions_2',
];

/** Those of these tables that a migrated database has, and whose rows are in them. */
export async function readOwnedSchema(client: pg.Client): Promise<OwnedSchema> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `select table_name as table, array_agg(column_name::text order by ordinal_position) as columns
     from information_schema.columns where table_schema = 'public' group by 1`,
  );
  const tables = rows.flatMap(({ table, columns }) => {
    const owners = OWNER_COLUMNS[table];
    return owners === undefined ? [] : [[table, { owners, columns }] as const];
  });
  return { tables: Object.fromEntries(tables), functions: OWNER_FUNCTIONS };
}
