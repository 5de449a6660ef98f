import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What operators did to service accounts, and that they erased users. There are few rows, and many belong to no
 * organization: on a distributed engine this is a table of which every node has a copy, as `service_accounts` is.
 */
const OPERATOR_CHANGES = `
  create table operator_changes (
    id bigint not null,
    at timestamptz(3) not null,
    organization_id uuid,
    context smallint not null,
    context_id varchar(255),
    version bigint not null,
    operation varchar(20) not null,
    patch jsonb not null,
    operator varchar(200),
    reason varchar(500),
    constraint pk_operator_changes primary key (id)
  )`;

export class KeepOperatorsChanges1795760000000 implements MigrationInterface {
  readonly name = 'KeepOperatorsChanges1795760000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(OPERATOR_CHANGES);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table operator_changes');
  }
}
