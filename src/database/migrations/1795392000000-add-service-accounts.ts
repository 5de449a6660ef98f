import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The programs that have tokens of their own (docs/adr/0011).
 *
 * There are few rows, and those of all organizations are looked at beside the data of any: on a distributed engine this
 * is a table of which every node has a copy. Such a table cannot refer to a distributed one, so there is no foreign
 * key; the statements that read it join the organization anyway.
 */
const SERVICE_ACCOUNTS = `
  create table service_accounts (
    id varchar(255) not null,
    name varchar(200) not null,
    organization_id uuid,
    scopes text[] not null,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    constraint pk_service_accounts primary key (id),
    constraint ck_service_accounts_scopes check (
      cardinality(scopes) > 0
      and scopes <@ array['settings:read', 'settings:write', 'organization:read', 'organization:write']
    )
  )`;

export class AddServiceAccounts1795392000000 implements MigrationInterface {
  readonly name = 'AddServiceAccounts1795392000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(SERVICE_ACCOUNTS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table service_accounts');
  }
}
