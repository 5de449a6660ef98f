import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many bytes the contents of the kept versions take, and the oldest version that has its content. */
const COUNTED = ['organizations', 'organization_settings', 'user_settings'];

/** Those whose contents are to be counted, because they may have passed the quota. */
const TO_THIN = [
  `create table organizations_to_thin (
    organization_id uuid not null,
    constraint pk_organizations_to_thin primary key (organization_id)
  )`,
  `create table users_to_thin (
    user_id varchar(255) not null,
    constraint pk_users_to_thin primary key (user_id)
  )`,
  // Nobody has counted what there is.
  'insert into organizations_to_thin select o.id from organizations o',
  'insert into users_to_thin select s.user_id from user_settings s',
];

/** Bounds the bytes that the contents of one owner's old versions take. */
export class AddHistoryQuota1795750000000 implements MigrationInterface {
  readonly name = 'AddHistoryQuota1795750000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of COUNTED) {
      await queryRunner.query(
        `alter table ${table} add column history_bytes bigint not null default 0,
           add column history_from bigint not null default 0`,
      );
    }
    for (const table of ['organization_changes', 'user_changes']) {
      await queryRunner.query(`alter table ${table} add column thinned_operations integer`);
    }
    for (const statement of TO_THIN) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table users_to_thin');
    await queryRunner.query('drop table organizations_to_thin');
    // What has no content is no version for a release that knows no quota.
    for (const table of ['organization_changes', 'user_changes']) {
      await queryRunner.query(`alter table ${table} drop column thinned_operations`);
    }
    for (const table of COUNTED) {
      await queryRunner.query(`alter table ${table} drop column history_bytes, drop column history_from`);
    }
  }
}
