import { Logger } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What users are found by, and how far they came: `validated` once a token of theirs was seen. */
const USERS = `
  alter table users
    add column validated boolean not null default true,
    add column version bigint not null default 0,
    add column subject varchar(255),
    add column invited_at timestamptz`;

/** As the history has counted them. */
const VERSIONS = `
  update users u set version = c.version
  from (select user_id, max(version) as version from user_changes where context = 3 group by user_id) c
  where c.user_id = u.id and c.version > 0`;

/** Members by email: the order in which they are listed. */
const INDEX = `create index ix_users_organization_id on users (organization_id, email, id)`;

/**
 * Whose an email is. An email is one user's among all, and that user may be of any organization: it is a row of its
 * own, because a table that is distributed by its owner's id can have no other unique index (docs/adr/0005).
 */
const EMAILS = `
  create table user_emails (
    email varchar(254) not null,
    user_id varchar(255) not null,
    constraint pk_user_emails primary key (email)
  )`;

/** Of several users with one email, the first who is active has it. */
const OWN_EMAILS = `
  insert into user_emails (email, user_id)
  select distinct on (u.email) u.email, u.id from users u
  order by u.email, u.deleted_at is not null, u.created_at, u.id`;

const DUPLICATES = `
  select u.email, array_agg(u.id order by u.id) as ids from users u group by u.email having count(*) > 1 order by u.email`;

/** Whom a token's subject speaks for, where the identity provider calls a user by another name than this service. */
const SUBJECTS = `
  create table user_subjects (
    subject varchar(255) not null,
    user_id varchar(255) not null,
    linked_at timestamptz not null default now(),
    constraint pk_user_subjects primary key (subject)
  )`;

/** Who was invited, by whom, and what became of the notification that says so. */
const INVITATIONS = [
  `create table invitations (
    organization_id uuid not null,
    id uuid not null,
    user_id varchar(255) not null,
    inviter_type varchar(10) not null,
    inviter_id varchar(255),
    invited_at timestamptz not null,
    next_attempt_at timestamptz,
    attempts integer not null default 0,
    delivered_at timestamptz,
    failed_at timestamptz,
    last_error varchar(500),
    constraint pk_invitations primary key (organization_id, id),
    constraint fk_invitations_organization foreign key (organization_id) references organizations (id),
    constraint ck_invitations_inviter_type check (inviter_type in ('member', 'service', 'operator'))
  )`,
  `create index ix_invitations_invited_at on invitations (organization_id, invited_at)`,
  `create index ix_invitations_next_attempt_at on invitations (next_attempt_at) where next_attempt_at is not null`,
];

const SCOPES_BEFORE = `array['settings:read', 'settings:write', 'organization:read', 'organization:write']`;
const SCOPES = `array[
  'settings:read', 'settings:write', 'organization:read', 'organization:write', 'members:read', 'members:write']`;

const allowScopes = (scopes: string) => `
  alter table service_accounts
    drop constraint ck_service_accounts_scopes,
    add constraint ck_service_accounts_scopes check (cardinality(scopes) > 0 and scopes <@ ${scopes})`;

export class AddMembers1795770000000 implements MigrationInterface {
  readonly name = 'AddMembers1795770000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [USERS, VERSIONS, INDEX, EMAILS, OWN_EMAILS, SUBJECTS, ...INVITATIONS]) {
      await queryRunner.query(statement);
    }
    await queryRunner.query(allowScopes(SCOPES));
    for (const { email, ids } of (await queryRunner.query(DUPLICATES)) as { email: string; ids: string[] }[]) {
      new Logger('Database').warn(`The email ${email} belongs to several users: ${ids.join(', ')}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`update service_accounts set scopes = array_remove(array_remove(scopes, 'members:read'),
      'members:write'), deleted_at = case when scopes <@ '{members:read,members:write}' then now() else deleted_at end
      where scopes && '{members:read,members:write}' and not scopes <@ '{members:read,members:write}'`);
    await queryRunner.query(`delete from service_accounts where scopes && '{members:read,members:write}'`);
    await queryRunner.query(allowScopes(SCOPES_BEFORE));
    for (const table of ['invitations', 'user_subjects', 'user_emails']) await queryRunner.query(`drop table ${table}`);
    await queryRunner.query('drop index ix_users_organization_id');
    await queryRunner.query(
      'alter table users drop column validated, drop column version, drop column subject, drop column invited_at',
    );
  }
}
