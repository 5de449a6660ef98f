import type { DataSource } from 'typeorm';
import { ChangeContext } from '../../src/history/change-context.js';

/** Records, by one statement, a version of the settings of each of so many organizations, by number. */
export async function recordChanges(
  dataSource: DataSource,
  firstOrganization: number,
  organizations: number,
  version: number,
): Promise<void> {
  await dataSource.query(
    `insert into organization_changes (organization_id, context, version, id, at, operation, patch)
     select lpad(to_hex(n), 32, '0')::uuid, ${ChangeContext.ORGANIZATION_SETTINGS}, $3::bigint, $3::bigint,
       $4::timestamptz, 'merge', '[]'
     from generate_series($1::integer, $1::integer + $2::integer - 1) n`,
    [firstOrganization, organizations, version, new Date()],
  );
}
