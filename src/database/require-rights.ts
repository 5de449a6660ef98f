import type { DataSource } from 'typeorm';
import { MissingRightsError } from './database.errors.js';

/** What docs/grants.sql grants on tables. */
export const TABLE_RIGHTS: Readonly<Record<string, readonly string[]>> = {
  migrations: ['select'],
  schema_functions: ['select'],
  users: ['select'],
  members: ['select'],
  organizations: ['select', 'insert'],
  service_accounts: ['select', 'insert', 'update'],
  organization_settings: ['select'],
  user_settings: ['select'],
  organization_documents: ['select'],
  system_documents: ['select'],
  organization_changes: ['select'],
  user_changes: ['select'],
  operator_changes: ['select'],
  organizations_to_thin: ['select'],
  users_to_thin: ['select'],
  user_emails: ['select'],
  user_subjects: ['select'],
  invitations: ['select'],
  event_reads: ['select', 'insert', 'delete'],
};

/** A function counts as ours if the owner of our tables owns it. */
const MISSING_RIGHTS = `
  select current_user::text as role,
    array(
      select format('%s on %s', r.name, t.name)
      from json_each($2::json) t (name, rights), json_array_elements_text(t.rights) r (name)
      where not has_table_privilege($1 || '.' || quote_ident(t.name), r.name)
      union all
      select 'execute on function ' || p.oid::regprocedure from pg_proc p
      join pg_class c on c.oid = ($1 || '.migrations')::regclass and c.relowner = p.proowner and c.relnamespace = p.pronamespace
      where not has_function_privilege(p.oid, 'execute')
    ) as rights`;

/**
 * Makes sure that the role may do what requests and commands ask for, so that none of them is the first to fail.
 *
 * @param schema the one with our tables, as an identifier of SQL
 * @throws MissingRightsError
 */
export async function requireRights(dataSource: DataSource, schema: string): Promise<void> {
  const [missing] = await dataSource.query<{ role: string; rights: string[] }[]>(MISSING_RIGHTS, [
    schema,
    JSON.stringify(TABLE_RIGHTS),
  ]);
  const { role, rights } = missing!;
  if (rights.length > 0) throw new MissingRightsError(role, rights);
}
