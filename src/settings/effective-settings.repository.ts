import { Injectable } from '@nestjs/common';
import { Environment } from '../config/environment.js';
import { batchedStatement, statement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import type { VersionMissing } from '../history/version.errors.js';
import type { LayerDocument, LayerDocuments } from '../layers/folded-settings.js';
import { SYSTEM_ID } from '../organization/organization-id.js';
import { MAX_BATCHED_BYTES } from './settings.repository.js';

/** Whose settings, and for whom they are read. */
export interface EffectiveOwner {
  readonly organizationId: string;
  /** Absent: those of the organization. */
  readonly userId?: string | undefined;
  readonly callerType: 'member' | 'service';
  readonly callerId: string;
  /** When the request came to wait, on the clock of `performance.now()`. */
  readonly since: number;
}

/** Why there is nothing: the caller may not, or the user is no member. */
export interface Denied {
  readonly status: 'not-a-member' | 'forbidden' | 'no-such-user';
}

export type FoundLayers = { readonly status: 'found'; readonly layers: LayerDocuments } | Denied;

/**
 * Reads all documents that effective settings follow from, by one statement where one server has all tables. On a
 * distributed PostgreSQL, where users' settings are elsewhere, they are a read of their own. Large documents are read
 * in turns, as heavy work.
 */
@Injectable()
export class EffectiveSettingsRepository {
  private readonly reads: {
    readonly member: StatementCalls<typeof READ_BY_MEMBER, OrganizationRow & UserRow>;
    readonly organizationByMember: StatementCalls<typeof READ_ORGANIZATION_BY_MEMBER, OrganizationRow>;
    readonly service: StatementCalls<typeof READ_BY_SERVICE, OrganizationRow>;
    readonly user: StatementCalls<typeof READ_USER, UserRow>;
  };

  constructor(
    private readonly runner: StatementRunner,
    private readonly environment: Environment,
  ) {
    this.reads = {
      member: runner.batchReads(READ_BY_MEMBER),
      organizationByMember: runner.batchReads(READ_ORGANIZATION_BY_MEMBER),
      service: runner.batchReads(READ_BY_SERVICE),
      user: runner.batchReads(READ_USER),
    };
  }

  /**
   * @param knownVersions those that the caller has, as `versionOf` writes them; where they are the current ones, no
   *   document is read
   */
  async read(owner: EffectiveOwner, knownVersions: string | null): Promise<FoundLayers> {
    const { organizationId, userId, callerType, callerId, since } = owner;
    const call = { organizationId, callerId, maxBatchedBytes: MAX_BATCHED_BYTES, since };
    if (callerType === 'member' && userId !== undefined && this.environment.DATABASE_SHARED_STATEMENTS) {
      const row = await this.reads.member.execute({ ...call, knownVersions });
      return row === undefined ? { status: 'not-a-member' } : found(row, row);
    }
    const isApart = userId !== undefined;
    // Of two statements neither can know whether the other finds what the caller has.
    const known = isApart ? null : knownVersions;
    const [row, user] = await Promise.all([
      callerType === 'member'
        ? this.reads.organizationByMember.execute({ ...call, knownVersions: known })
        : this.reads.service.execute({ ...call, userId: userId ?? null, knownVersions: known }),
      isApart ? this.reads.user.execute({ userId, maxBatchedBytes: MAX_BATCHED_BYTES, since }) : undefined,
    ]);
    if (row === undefined) return { status: 'not-a-member' };
    if (row.isMember === false) return { status: 'no-such-user' };
    return found(row, isApart ? (user ?? NO_SETTINGS) : undefined);
  }

  /** The same as of a time, to the millisecond; what the caller may, now. */
  async readAsOf(owner: EffectiveOwner, at: Date): Promise<FoundLayers | VersionMissing> {
    const { organizationId, userId, callerType, callerId, since } = owner;
    const time = at.toISOString();
    const now = await this.read(owner, null);
    if (now.status !== 'found') return now;
    const asOf = (of: string) =>
      this.runner.executeHeavy<typeof ORGANIZATION_AS_OF, AsOfRow>(ORGANIZATION_AS_OF, {
        organizationId: of,
        callerType,
        callerId,
        at: time,
        since,
      });
    const rows = [
      ...(await asOf(SYSTEM_ID)),
      ...(await asOf(organizationId)),
      ...(userId === undefined
        ? []
        : await this.runner.executeHeavy<typeof USER_AS_OF, AsOfRow>(USER_AS_OF, { userId, at: time, since })),
    ];
    const documents: LayerDocument[] = [];
    for (const row of rows) {
      if (row.status !== 'found') return row;
      documents.push(row);
    }
    const [system, systemPolicy, organization, organizationPolicy, user] = documents;
    return {
      status: 'found',
      layers: {
        settings: { system: system!, organization: organization!, ...(user && { user }) },
        policies: { system: systemPolicy!, organization: organizationPolicy! },
        isSystemShown: now.layers.isSystemShown,
      },
    };
  }
}

/** The versions of all documents, the user's first, as an entity tag names them. */
export function versionOf({ settings, policies }: LayerDocuments): string {
  return [settings.user, settings.organization, policies.organization, settings.system, policies.system]
    .map((document) => document?.version ?? '0')
    .join('.');
}

interface OrganizationRow {
  readonly organizationVersion: string;
  readonly organizationAt: number | null;
  readonly organizationText: string | null;
  readonly organizationPolicyVersion: string;
  readonly organizationPolicyAt: number | null;
  readonly organizationPolicyText: string | null;
  readonly systemVersion: string;
  readonly systemAt: number | null;
  readonly systemText: string | null;
  readonly systemPolicyVersion: string;
  readonly systemPolicyAt: number | null;
  readonly systemPolicyText: string | null;
  readonly isMember?: boolean;
  readonly isSystemShown?: boolean;
}

interface UserRow {
  readonly userVersion: string;
  readonly userAt: number | null;
  readonly userText: string | null;
}

type AsOfRow = (LayerDocument & { readonly status: 'found' }) | VersionMissing | Denied;

/** Of a user who never wrote any settings. */
const NO_SETTINGS: UserRow = { userVersion: '0', userAt: null, userText: '{}' };

function found(row: OrganizationRow, user: UserRow | undefined): FoundLayers {
  return {
    status: 'found',
    layers: {
      settings: {
        system: documentOf(row.systemVersion, row.systemAt, row.systemText),
        organization: documentOf(row.organizationVersion, row.organizationAt, row.organizationText),
        ...(user && { user: documentOf(user.userVersion, user.userAt, user.userText) }),
      },
      policies: {
        system: documentOf(row.systemPolicyVersion, row.systemPolicyAt, row.systemPolicyText),
        organization: documentOf(row.organizationPolicyVersion, row.organizationPolicyAt, row.organizationPolicyText),
      },
      isSystemShown: row.isSystemShown ?? false,
    },
  };
}

function documentOf(version: string, atMs: number | null, text: string | null): LayerDocument {
  return { version, at: atMs === null || version === '0' ? null : new Date(atMs).toISOString(), text };
}

const READ_BY_MEMBER = batchedStatement({
  name: 'effective-settings-read',
  parameters: ['organizationId', 'callerId', 'knownVersions', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when w.is_heavy then 'heavy' else 'found' end as status,
      coalesce(u.version, 0) as "userVersion", (extract(epoch from u.updated_at) * 1000)::float8 as "userAt",
      case when h.is_shown then coalesce(u.settings::text, '{}') end as "userText",
      coalesce(s.version, 0) as "organizationVersion",
      (extract(epoch from s.updated_at) * 1000)::float8 as "organizationAt",
      case when h.is_shown then coalesce(s.settings::text, '{}') end as "organizationText",
      coalesce(p.version, 0) as "organizationPolicyVersion",
      (extract(epoch from p.updated_at) * 1000)::float8 as "organizationPolicyAt",
      case when h.is_shown then coalesce(p.document::text, '{}') end as "organizationPolicyText",
      coalesce(d.version, 0) as "systemVersion", (extract(epoch from d.updated_at) * 1000)::float8 as "systemAt",
      case when h.is_shown then coalesce(d.document::text, '{}') end as "systemText",
      coalesce(q.version, 0) as "systemPolicyVersion",
      (extract(epoch from q.updated_at) * 1000)::float8 as "systemPolicyAt",
      case when h.is_shown then coalesce(q.document::text, '{}') end as "systemPolicyText"
    from members m
    join organizations o on o.id = $1::uuid and o.deleted_at is null
    left join user_settings u on u.user_id = $2::varchar
    left join organization_settings s on s.organization_id = $1::uuid
    left join organization_documents p on p.organization_id = $1::uuid and p.kind = 100
    left join system_documents d on d.kind = 101
    left join system_documents q on q.kind = 102
    cross join lateral (
      select concat_ws('.', coalesce(u.version, 0), coalesce(s.version, 0), coalesce(p.version, 0),
        coalesce(d.version, 0), coalesce(q.version, 0)) is distinct from $3::text as is_new) k
    cross join lateral (
      select k.is_new and greatest(pg_column_size(u.settings), pg_column_size(s.settings), pg_column_size(p.document),
        pg_column_size(d.document), pg_column_size(q.document)) > $4::integer is true as is_heavy) w
    cross join lateral (select k.is_new and not w.is_heavy as is_shown) h
    where m.organization_id = $1::uuid and m.user_id = $2::varchar and m.deleted_at is null`,
  batchedText: `
    select r.ordinal, case when w.is_heavy then 'heavy' else 'found' end as status,
      coalesce(u.version, 0) as "userVersion", (extract(epoch from u.updated_at) * 1000)::float8 as "userAt",
      case when h.is_shown then coalesce(u.settings::text, '{}') end as "userText",
      coalesce(s.version, 0) as "organizationVersion",
      (extract(epoch from s.updated_at) * 1000)::float8 as "organizationAt",
      case when h.is_shown then coalesce(s.settings::text, '{}') end as "organizationText",
      coalesce(p.version, 0) as "organizationPolicyVersion",
      (extract(epoch from p.updated_at) * 1000)::float8 as "organizationPolicyAt",
      case when h.is_shown then coalesce(p.document::text, '{}') end as "organizationPolicyText",
      coalesce(d.version, 0) as "systemVersion", (extract(epoch from d.updated_at) * 1000)::float8 as "systemAt",
      case when h.is_shown then coalesce(d.document::text, '{}') end as "systemText",
      coalesce(q.version, 0) as "systemPolicyVersion",
      (extract(epoch from q.updated_at) * 1000)::float8 as "systemPolicyAt",
      case when h.is_shown then coalesce(q.document::text, '{}') end as "systemPolicyText"
    from unnest($1::uuid[], $2::varchar[], $3::text[]) with ordinality
      r (organization_id, caller_id, known_versions, ordinal)
    join members m on m.organization_id = r.organization_id and m.user_id = r.caller_id and m.deleted_at is null
    join organizations o on o.id = r.organization_id and o.deleted_at is null
    left join user_settings u on u.user_id = r.caller_id
    left join organization_settings s on s.organization_id = r.organization_id
    left join organization_documents p on p.organization_id = r.organization_id and p.kind = 100
    left join system_documents d on d.kind = 101
    left join system_documents q on q.kind = 102
    cross join lateral (
      select concat_ws('.', coalesce(u.version, 0), coalesce(s.version, 0), coalesce(p.version, 0),
        coalesce(d.version, 0), coalesce(q.version, 0)) is distinct from r.known_versions as is_new) k
    cross join lateral (
      select k.is_new and greatest(pg_column_size(u.settings), pg_column_size(s.settings), pg_column_size(p.document),
        pg_column_size(d.document), pg_column_size(q.document)) > $4::integer is true as is_heavy) w
    cross join lateral (select k.is_new and not w.is_heavy as is_shown) h`,
});

const READ_ORGANIZATION_BY_MEMBER = batchedStatement({
  name: 'effective-settings-read-organization',
  parameters: ['organizationId', 'callerId', 'knownVersions', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when w.is_heavy then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as "organizationVersion",
      (extract(epoch from s.updated_at) * 1000)::float8 as "organizationAt",
      case when h.is_shown then coalesce(s.settings::text, '{}') end as "organizationText",
      coalesce(p.version, 0) as "organizationPolicyVersion",
      (extract(epoch from p.updated_at) * 1000)::float8 as "organizationPolicyAt",
      case when h.is_shown then coalesce(p.document::text, '{}') end as "organizationPolicyText",
      coalesce(d.version, 0) as "systemVersion", (extract(epoch from d.updated_at) * 1000)::float8 as "systemAt",
      case when h.is_shown then coalesce(d.document::text, '{}') end as "systemText",
      coalesce(q.version, 0) as "systemPolicyVersion",
      (extract(epoch from q.updated_at) * 1000)::float8 as "systemPolicyAt",
      case when h.is_shown then coalesce(q.document::text, '{}') end as "systemPolicyText"
    from members m
    join organizations o on o.id = $1::uuid and o.deleted_at is null
    left join organization_settings s on s.organization_id = $1::uuid
    left join organization_documents p on p.organization_id = $1::uuid and p.kind = 100
    left join system_documents d on d.kind = 101
    left join system_documents q on q.kind = 102
    cross join lateral (
      select concat_ws('.', 0, coalesce(s.version, 0), coalesce(p.version, 0), coalesce(d.version, 0),
        coalesce(q.version, 0)) is distinct from $3::text as is_new) k
    cross join lateral (
      select k.is_new and greatest(pg_column_size(s.settings), pg_column_size(p.document), pg_column_size(d.document),
        pg_column_size(q.document)) > $4::integer is true as is_heavy) w
    cross join lateral (select k.is_new and not w.is_heavy as is_shown) h
    where m.organization_id = $1::uuid and m.user_id = $2::varchar and m.deleted_at is null`,
  batchedText: `
    select r.ordinal, case when w.is_heavy then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as "organizationVersion",
      (extract(epoch from s.updated_at) * 1000)::float8 as "organizationAt",
      case when h.is_shown then coalesce(s.settings::text, '{}') end as "organizationText",
      coalesce(p.version, 0) as "organizationPolicyVersion",
      (extract(epoch from p.updated_at) * 1000)::float8 as "organizationPolicyAt",
      case when h.is_shown then coalesce(p.document::text, '{}') end as "organizationPolicyText",
      coalesce(d.version, 0) as "systemVersion", (extract(epoch from d.updated_at) * 1000)::float8 as "systemAt",
      case when h.is_shown then coalesce(d.document::text, '{}') end as "systemText",
      coalesce(q.version, 0) as "systemPolicyVersion",
      (extract(epoch from q.updated_at) * 1000)::float8 as "systemPolicyAt",
      case when h.is_shown then coalesce(q.document::text, '{}') end as "systemPolicyText"
    from unnest($1::uuid[], $2::varchar[], $3::text[]) with ordinality
      r (organization_id, caller_id, known_versions, ordinal)
    join members m on m.organization_id = r.organization_id and m.user_id = r.caller_id and m.deleted_at is null
    join organizations o on o.id = r.organization_id and o.deleted_at is null
    left join organization_settings s on s.organization_id = r.organization_id
    left join organization_documents p on p.organization_id = r.organization_id and p.kind = 100
    left join system_documents d on d.kind = 101
    left join system_documents q on q.kind = 102
    cross join lateral (
      select concat_ws('.', 0, coalesce(s.version, 0), coalesce(p.version, 0), coalesce(d.version, 0),
        coalesce(q.version, 0)) is distinct from r.known_versions as is_new) k
    cross join lateral (
      select k.is_new and greatest(pg_column_size(s.settings), pg_column_size(p.document), pg_column_size(d.document),
        pg_column_size(q.document)) > $4::integer is true as is_heavy) w
    cross join lateral (select k.is_new and not w.is_heavy as is_shown) h`,
});

/**
 * An outer join on a parameter that is NULL can match nothing, and a distributed database then no longer sees whose
 * rows the statement is about: so nobody is the user ''.
 */
const READ_BY_SERVICE = batchedStatement({
  name: 'effective-settings-read-by-service',
  parameters: ['organizationId', 'callerId', 'userId', 'knownVersions', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when w.is_heavy then 'heavy' else 'found' end as status,
      $3::varchar is null or m.user_id is not null as "isMember",
      a.organization_id is null and a.scopes @> '{system:read}' as "isSystemShown",
      coalesce(s.version, 0) as "organizationVersion",
      (extract(epoch from s.updated_at) * 1000)::float8 as "organizationAt",
      case when h.is_shown then coalesce(s.settings::text, '{}') end as "organizationText",
      coalesce(p.version, 0) as "organizationPolicyVersion",
      (extract(epoch from p.updated_at) * 1000)::float8 as "organizationPolicyAt",
      case when h.is_shown then coalesce(p.document::text, '{}') end as "organizationPolicyText",
      coalesce(d.version, 0) as "systemVersion", (extract(epoch from d.updated_at) * 1000)::float8 as "systemAt",
      case when h.is_shown then coalesce(d.document::text, '{}') end as "systemText",
      coalesce(q.version, 0) as "systemPolicyVersion",
      (extract(epoch from q.updated_at) * 1000)::float8 as "systemPolicyAt",
      case when h.is_shown then coalesce(q.document::text, '{}') end as "systemPolicyText"
    from service_accounts a
    join organizations o on o.id = $1::uuid and o.deleted_at is null
    left join members m on m.organization_id = $1::uuid and m.user_id = coalesce($3::varchar, '')
      and m.deleted_at is null
    left join organization_settings s on s.organization_id = $1::uuid
    left join organization_documents p on p.organization_id = $1::uuid and p.kind = 100
    left join system_documents d on d.kind = 101
    left join system_documents q on q.kind = 102
    cross join lateral (
      select concat_ws('.', 0, coalesce(s.version, 0), coalesce(p.version, 0), coalesce(d.version, 0),
        coalesce(q.version, 0)) is distinct from $4::text as is_new) k
    cross join lateral (
      select k.is_new and greatest(pg_column_size(s.settings), pg_column_size(p.document), pg_column_size(d.document),
        pg_column_size(q.document)) > $5::integer is true as is_heavy) w
    cross join lateral (select k.is_new and not w.is_heavy as is_shown) h
    where a.id = $2::varchar and a.deleted_at is null and coalesce(a.organization_id, $1::uuid) = $1::uuid
      and a.scopes @> '{settings:read}' and ($3::varchar is null or a.scopes @> '{user-settings:read}')`,
  batchedText: `
    select r.ordinal, case when w.is_heavy then 'heavy' else 'found' end as status,
      r.user_id is null or m.user_id is not null as "isMember",
      a.organization_id is null and a.scopes @> '{system:read}' as "isSystemShown",
      coalesce(s.version, 0) as "organizationVersion",
      (extract(epoch from s.updated_at) * 1000)::float8 as "organizationAt",
      case when h.is_shown then coalesce(s.settings::text, '{}') end as "organizationText",
      coalesce(p.version, 0) as "organizationPolicyVersion",
      (extract(epoch from p.updated_at) * 1000)::float8 as "organizationPolicyAt",
      case when h.is_shown then coalesce(p.document::text, '{}') end as "organizationPolicyText",
      coalesce(d.version, 0) as "systemVersion", (extract(epoch from d.updated_at) * 1000)::float8 as "systemAt",
      case when h.is_shown then coalesce(d.document::text, '{}') end as "systemText",
      coalesce(q.version, 0) as "systemPolicyVersion",
      (extract(epoch from q.updated_at) * 1000)::float8 as "systemPolicyAt",
      case when h.is_shown then coalesce(q.document::text, '{}') end as "systemPolicyText"
    from unnest($1::uuid[], $2::varchar[], $3::varchar[], $4::text[]) with ordinality
      r (organization_id, caller_id, user_id, known_versions, ordinal)
    join service_accounts a on a.id = r.caller_id and a.deleted_at is null
      and coalesce(a.organization_id, r.organization_id) = r.organization_id and a.scopes @> '{settings:read}'
      and (r.user_id is null or a.scopes @> '{user-settings:read}')
    join organizations o on o.id = r.organization_id and o.deleted_at is null
    left join members m on m.organization_id = r.organization_id and m.user_id = r.user_id and m.deleted_at is null
    left join organization_settings s on s.organization_id = r.organization_id
    left join organization_documents p on p.organization_id = r.organization_id and p.kind = 100
    left join system_documents d on d.kind = 101
    left join system_documents q on q.kind = 102
    cross join lateral (
      select concat_ws('.', 0, coalesce(s.version, 0), coalesce(p.version, 0), coalesce(d.version, 0),
        coalesce(q.version, 0)) is distinct from r.known_versions as is_new) k
    cross join lateral (
      select k.is_new and greatest(pg_column_size(s.settings), pg_column_size(p.document), pg_column_size(d.document),
        pg_column_size(q.document)) > $5::integer is true as is_heavy) w
    cross join lateral (select k.is_new and not w.is_heavy as is_shown) h`,
});

const READ_USER = batchedStatement({
  name: 'effective-settings-read-user',
  parameters: ['userId', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when pg_column_size(u.settings) > $2::integer then 'heavy' else 'found' end as status,
      u.version as "userVersion", (extract(epoch from u.updated_at) * 1000)::float8 as "userAt",
      case when pg_column_size(u.settings) > $2::integer is not true then u.settings::text end as "userText"
    from user_settings u
    where u.user_id = $1::varchar`,
  batchedText: `
    select r.ordinal, case when pg_column_size(u.settings) > $2::integer then 'heavy' else 'found' end as status,
      u.version as "userVersion", (extract(epoch from u.updated_at) * 1000)::float8 as "userAt",
      case when pg_column_size(u.settings) > $2::integer is not true then u.settings::text end as "userText"
    from unnest($1::varchar[]) with ordinality r (user_id, ordinal)
    join user_settings u on u.user_id = r.user_id`,
});

const ORGANIZATION_AS_OF = statement({
  name: 'effective-settings-organization-as-of',
  parameters: ['organizationId', 'callerType', 'callerId', 'at'],
  text: `
    select v.status, v.version, v.made_at as "at", v.document as "text"
    from organization_layers_as_of($1::uuid, $2::text, $3::varchar, $4::timestamptz) v`,
});

const USER_AS_OF = statement({
  name: 'effective-settings-user-as-of',
  parameters: ['userId', 'at'],
  text: `
    select v.status, v.version, v.made_at as "at", v.document as "text"
    from user_layers_as_of($1::varchar, $2::timestamptz) v`,
});
