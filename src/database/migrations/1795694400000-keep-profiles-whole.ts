import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps each profile as it is now, as the row of its version or, where the history has none, as a new one. */
const KEEP = `
  insert into organization_changes (organization_id, context, version, id, at, operation, patch, snapshot)
  select o.id, 4, o.version,
    change_id_from(o.updated_at) + ((o.version + hashtext(o.id::text)) & 1023),
    date_trunc('milliseconds', o.updated_at), 'baseline', '[]',
    to_jsonb(o) - '{version,created_at,updated_at,deleted_at,repos_disabled,mfa_enforced}'::text[]
      || jsonb_build_object(
        'deletedAt', o.deleted_at, 'reposDisabled', o.repos_disabled, 'mfaEnforced', o.mfa_enforced)
  from organizations o
  on conflict on constraint pk_organization_changes do update set snapshot = excluded.snapshot`;

/** Has the versions of profiles begin with the current profiles. */
export class KeepProfilesWhole1795694400000 implements MigrationInterface {
  readonly name = 'KeepProfilesWhole1795694400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(KEEP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`delete from organization_changes where context = 4 and operation = 'baseline'`);
    await queryRunner.query('update organization_changes set snapshot = null where context = 4');
  }
}
