import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The owner's id leads each primary key, so that the tables can be distributed by it (docs/adr/0005). */
const TABLES = [
  `create table users (
    id varchar(255) not null,
    email varchar(254) not null,
    name varchar(200) not null,
    last_name varchar(200),
    organization_id uuid,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    constraint pk_users primary key (id)
  )`,
  `create index ix_users_email on users (email)`,

  `create table organizations (
    id uuid not null,
    name varchar(200) not null,
    domain varchar(253),
    address1 varchar(200),
    address2 varchar(200),
    city varchar(200),
    zipcode varchar(200),
    phone varchar(200),
    state varchar(200),
    country varchar(200),
    website varchar(2048),
    is_business boolean not null default false,
    mfa_enforced boolean not null default false,
    repos_disabled boolean not null default false,
    version bigint not null default 0,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint pk_organizations primary key (id)
  )`,
  `create index ix_organizations_domain on organizations (domain)`,

  `create table members (
    organization_id uuid not null,
    user_id varchar(255) not null,
    role smallint not null,
    deleted_at timestamptz,
    constraint pk_members primary key (organization_id, user_id),
    constraint fk_members_organization foreign key (organization_id) references organizations (id),
    constraint ck_members_role check (role in (0, 1, 2, 254, 255))
  )`,

  `create table organization_settings (
    organization_id uuid not null,
    settings jsonb not null default '{}',
    version bigint not null default 0,
    updated_at timestamptz not null default now(),
    constraint pk_organization_settings primary key (organization_id),
    constraint fk_organization_settings_organization foreign key (organization_id) references organizations (id),
    constraint ck_organization_settings_object check (jsonb_typeof(settings) = 'object')
  )`,

  `create table user_settings (
    user_id varchar(255) not null,
    settings jsonb not null default '{}',
    version bigint not null default 0,
    updated_at timestamptz not null default now(),
    constraint pk_user_settings primary key (user_id),
    constraint fk_user_settings_user foreign key (user_id) references users (id),
    constraint ck_user_settings_object check (jsonb_typeof(settings) = 'object')
  )`,
];

/**
 * `settings_merge(target, patch)`: both are objects. Objects merge at every depth, anything else replaces, a JSON null
 * is a value (docs/adr/0001).
 *
 * One pass for each level, never one copy of the document for each key; a patch without objects needs no pass at all.
 * Joining with `{}` unpacks a compressed document once, instead of at each look into it.
 */
const MERGE = `
  create function settings_merge(target jsonb, patch jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    nested jsonb;
  begin
    if not patch @? 'strict $.* ? (@.type() == "object")' then
      return target || patch;
    end if;
    target := target || '{}';
    select jsonb_object_agg(key, settings_merge(target -> key, value)) into nested
      from jsonb_each(patch)
      where jsonb_typeof(value) = 'object' and jsonb_typeof(target -> key) = 'object';
    return target || patch || coalesce(nested, '{}');
  end
  $function$`;

/**
 * `settings_delete_keys(document, keys)`, where keys is `[{"key":"a.b","path":["a","b"]}, …]`: an exact top-level key
 * wins over the path, as the document was before the change. A path leads through objects only; what is not there is
 * left alone.
 */
const DELETE_KEYS = `
  create function settings_delete_keys(document jsonb, keys jsonb) returns jsonb
  language plpgsql immutable strict parallel safe as $function$
  declare
    original constant jsonb := document || '{}';
    result jsonb;
    path text[];
    parent jsonb;
  begin
    select original - coalesce(array_agg(k ->> 'key'), '{}') into result
      from jsonb_array_elements(keys) k where original ? (k ->> 'key');
    for path in
      select array(select jsonb_array_elements_text(k -> 'path'))
        from jsonb_array_elements(keys) k where not original ? (k ->> 'key')
    loop
      parent := result;
      for i in 1 .. cardinality(path) - 1 loop
        parent := parent -> path[i];
        exit when parent is null;
      end loop;
      if jsonb_typeof(parent) = 'object' and parent ? path[cardinality(path)] then
        result := result #- path;
      end if;
    end loop;
    return result;
  end
  $function$`;

export class CreateTables1795219200000 implements MigrationInterface {
  readonly name = 'CreateTables1795219200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, MERGE, DELETE_KEYS]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function settings_delete_keys(jsonb, jsonb)');
    await queryRunner.query('drop function settings_merge(jsonb, jsonb)');
    for (const table of ['user_settings', 'organization_settings', 'members', 'organizations', 'users']) {
      await queryRunner.query(`drop table ${table}`);
    }
  }
}
