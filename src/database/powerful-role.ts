import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';

/** Says so where the service's role could do more than the service ever needs; `docs/grants.sql` is what it needs. */
export async function warnOfPowerfulRole(dataSource: DataSource): Promise<void> {
  const [role] = await dataSource.query<{ name: string; isSuperuser: boolean; isOwner: boolean }[]>(
    `select r.rolname as name, r.rolsuper as "isSuperuser", pg_has_role(c.relowner, 'member') as "isOwner"
     from pg_roles r, pg_class c where r.rolname = current_user and c.oid = to_regclass('migrations')`,
  );
  if (role === undefined || !role.isOwner) return;
  const power = role.isSuperuser ? 'is a superuser' : 'owns the tables';
  new Logger('Database').warn(
    `The role ${role.name} ${power}, so nothing in the database keeps a statement from the rows of another owner: ` +
      'a role of its own is safer (README.md)',
  );
}
