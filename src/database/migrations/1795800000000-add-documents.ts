import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a document has beside its owner; its kind is the context of its changes. */
const DOCUMENT = `
  kind smallint not null,
  document jsonb not null default '{}',
  version bigint not null default 0,
  updated_at timestamptz not null default now(),
  history_version bigint not null default 0,
  operations_since_snapshot integer not null default 0,
  history_bytes bigint not null default 0,
  history_from bigint not null default 0`;

/** The documents of organizations that share a table, those of the system, and which policies there are. */
const TABLES = [
  `create table organization_documents (
    organization_id uuid not null, ${DOCUMENT},
    constraint pk_organization_documents primary key (organization_id, kind),
    constraint fk_organization_documents_organization foreign key (organization_id) references organizations (id),
    constraint ck_organization_documents_object check (jsonb_typeof(document) = 'object')
  )`,
  `create table system_documents (${DOCUMENT},
    constraint pk_system_documents primary key (kind),
    constraint ck_system_documents_object check (jsonb_typeof(document) = 'object')
  )`,
  `create table policies_in_force (
    organization_id uuid not null,
    version bigint not null,
    constraint pk_policies_in_force primary key (organization_id)
  )`,
];

const SCOPES_BEFORE = `array[
  'settings:read', 'settings:write', 'organization:read', 'organization:write', 'members:read', 'members:write']`;
const SCOPES = `array[
  'settings:read', 'settings:write', 'organization:read', 'organization:write', 'members:read', 'members:write',
  'system:read', 'system:write', 'user-settings:read']`;
const NEW_SCOPES = `'{system:read,system:write,user-settings:read}'`;

const allowScopes = (scopes: string) => `
  alter table service_accounts
    drop constraint ck_service_accounts_scopes,
    add constraint ck_service_accounts_scopes check (cardinality(scopes) > 0 and scopes <@ ${scopes})`;

/** The events on documents that go are gone, as are the marks on them. */
const FORGET = [
  `delete from event_reads where event_id in (select c.id from organization_changes c where c.context >= 100)`,
  `delete from organization_changes where context >= 100`,
  `delete from organizations_to_thin where organization_id = '00000000-0000-0000-0000-000000000000'`,
  `delete from service_accounts where scopes <@ ${NEW_SCOPES}`,
  `update service_accounts set scopes = array(
     select s from unnest(scopes) with ordinality k (s, place) where s <> all (${NEW_SCOPES}) order by place)
     where scopes && ${NEW_SCOPES}`,
];

/** Keeps system settings and policies as documents, like the settings of organizations and users. */
export class AddDocuments1795800000000 implements MigrationInterface {
  readonly name = 'AddDocuments1795800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await queryRunner.query(statement);
    await queryRunner.query(allowScopes(SCOPES));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of FORGET) await queryRunner.query(statement);
    await queryRunner.query(allowScopes(SCOPES_BEFORE));
    for (const table of ['policies_in_force', 'system_documents', 'organization_documents']) {
      await queryRunner.query(`drop table ${table}`);
    }
  }
}
