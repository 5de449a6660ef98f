import { Injectable } from '@nestjs/common';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { Environment } from '../config/environment.js';
import { arrayLiteral, batchedStatement, lockingStatement, statement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import { ChangeContext } from '../history/change-context.js';
import type { VersionMissing } from '../history/version.errors.js';
import type { PreconditionFailed } from '../history/version.js';
import { sizeLimitsOf } from './content.js';
import type { SettingsApi } from './settings-api.js';
import type { ChangeOptions, SettingsChange } from './settings-change.js';
import type { SettingsOwner } from './settings-owner.js';

const REFUSALS = ['not-a-member', 'forbidden', 'no-such-user'] as const;

/** Why the caller is refused: not a member of the organization, a member without the right, or no such user. */
export interface Refused {
  readonly status: (typeof REFUSALS)[number];
}

export function isRefused(result: { readonly status: string }): result is Refused {
  return (REFUSALS as readonly string[]).includes(result.status);
}

/** A document, and which version of it. */
export interface SettingsRead {
  readonly status: 'found';
  readonly version: string;
  /** The document's text; `null` when it is in the version that the caller has. */
  readonly settings: string | null;
}

/** What became of a change: what the functions of the database return that make one. */
export type SettingsChangeResult =
  | { readonly status: 'changed' | 'unchanged'; readonly version: string }
  | {
      readonly status: 'dry-run';
      readonly version: string;
      /** The document as it would be, and the difference as a JSON Patch (RFC 6902); both as text. */
      readonly settings: string;
      readonly patch: string;
      /** The document before, and on what a judgement rests, where there is something to judge. */
      readonly earlier?: string | null;
      readonly basis: string | null;
    }
  | {
      readonly status: 'unjudged';
      readonly version: string;
      /** The document as it would be, and before; there is none before of a policy, which is judged alone. */
      readonly settings: string;
      readonly earlier?: string;
      /**
       * With what the change is to be asked for again, once that was judged: the document's version and, after a space
       * each, the owners and versions of the policies by which it is to be judged, as `id:version`.
       */
      readonly basis: string;
    }
  | VersionMissing
  | PreconditionFailed
  | { readonly status: 'conflict'; readonly detail: string }
  | { readonly status: 'too-deep'; readonly detail: string | null }
  | { readonly status: 'too-large'; readonly bytes: number; readonly detail: string | null }
  | Refused;

/**
 * Keeps the documents of organizations, users and the system.
 *
 * 1. A read is one statement, which also checks the caller's membership and role, or scopes. A change is one call of a
 *    function in the database (src/database/functions), which checks them again once it has the document's lock. Each
 *    statement is a transaction of its own: what returned is committed.
 * 2. Documents travel as text, so every digit survives.
 */
@Injectable()
export class SettingsRepository {
  private readonly reads: {
    readonly member: StatementCalls<typeof READ_BY_MEMBER, SettingsRead>;
    readonly service: StatementCalls<typeof READ_BY_SERVICE, SettingsRead>;
    readonly user: StatementCalls<typeof READ_BY_USER, SettingsRead>;
    readonly document: StatementCalls<typeof READ_DOCUMENT, SettingsRead | Refused>;
  };
  private readonly changes: {
    readonly organization: StatementCalls<typeof CHANGE_ORGANIZATION_SETTINGS, SettingsChangeResult>;
    readonly user: StatementCalls<typeof CHANGE_USER_SETTINGS, SettingsChangeResult>;
  };

  constructor(
    private readonly runner: StatementRunner,
    private readonly environment: Environment,
  ) {
    this.reads = {
      member: runner.batchReads(READ_BY_MEMBER),
      service: runner.batchReads(READ_BY_SERVICE),
      user: runner.batchReads(READ_BY_USER),
      document: runner.batchReads(READ_DOCUMENT),
    };
    this.changes = {
      organization: runner.batchChanges(CHANGE_ORGANIZATION_SETTINGS),
      user: runner.batchChanges(CHANGE_USER_SETTINGS),
    };
  }

  /** @param preconditions name the version whose document the caller does not need */
  async read(api: SettingsApi, owner: SettingsOwner, preconditions: Preconditions): Promise<SettingsRead | Refused> {
    const { since } = owner;
    const knownVersion = preconditions.onlyVersionNotToMatch(owner.id);
    if (owner.type === 'user') {
      const found = await this.reads.user.execute({
        userId: owner.id,
        knownVersion,
        maxBatchedBytes: MAX_BATCHED_BYTES,
        since,
      });
      return found ?? { status: 'no-such-user' };
    }
    const { id: organizationId, callerType, callerId } = owner;
    if (callerType === 'operator' || !hasOwnTable(api)) {
      const { context } = api;
      const call = { organizationId, callerType, callerId, context, right: readRightOf(api), knownVersion, since };
      return (await this.reads.document.execute(call))!;
    }
    const call = { organizationId, callerId, knownVersion, maxBatchedBytes: MAX_BATCHED_BYTES, since };
    const read = await this.reads[callerType].execute(call);
    return read ?? { status: 'not-a-member' };
  }

  async change(
    api: SettingsApi,
    owner: SettingsOwner,
    change: SettingsChange,
    { preconditions, origin, isDryRun }: ChangeOptions,
    judged: string | null = null,
  ): Promise<SettingsChangeResult> {
    const argument = argumentOf(change);
    const limits = sizeLimitsOf(api.content, this.environment);
    const organization = owner.type === 'organization' ? owner : undefined;
    // The parameters of all three statements, in one object: to put two together takes a hundredth of a change's time.
    const call = {
      userId: organization ? null : owner.id,
      organizationId: organization ? owner.id : null,
      callerType: organization ? organization.callerType : null,
      callerId: organization ? organization.callerId : null,
      context: api.context,
      kind: change.kind,
      argument,
      leaves: change.kind === 'merge' ? arrayLiteral(change.leaves) : null,
      maxBytes: limits.bytes,
      maxDepth: limits.depth,
      match: arrayLiteral(preconditions.versionsToMatch(owner.id)),
      noneMatch: arrayLiteral(preconditions.versionsNotToMatch(owner.id)),
      requestId: origin.requestId,
      reason: origin.reason,
      isDryRun,
      maxBatchedBytes: MAX_BATCHED_BYTES,
      historyMaxBytes: this.environment.HISTORY_MAX_BYTES,
      judged,
      since: owner.since,
    };
    if (!hasOwnTable(api))
      return (await this.runner.executeHeavy<typeof CHANGE_DOCUMENT, SettingsChangeResult>(CHANGE_DOCUMENT, call))[0]!;
    const calls = organization ? this.changes.organization : this.changes.user;
    return (await calls.execute(call, isDryRun || takesLong(change, argument)))!;
  }
}

/** The settings of organizations and of users have tables of their own; the other documents share theirs. */
export function hasOwnTable({ context }: SettingsApi): boolean {
  return context === ChangeContext.ORGANIZATION_SETTINGS || context === ChangeContext.USER_SETTINGS;
}

/** The right to read a document of an organization, or of the system, which is named as the scope is. */
export function readRightOf({ readers }: SettingsApi): string {
  return readers.access.scope!;
}

/** Of the document as it is stored, compressed if it is long: a larger one is read, and changed, singly. */
export const MAX_BATCHED_BYTES = 16 * 1024;

/** In UTF-16 code units of the argument: a longer one may have thousands of keys to delete from a large document. */
const MAX_BATCHED_CODE_UNITS = 4096;

/** Whether a change takes so long that all who share its execution would notice. */
function takesLong(change: SettingsChange, argument: string): boolean {
  switch (change.kind) {
    case 'replace':
    case 'delete-keys':
      return argument.length > MAX_BATCHED_CODE_UNITS;
    case 'merge':
      return argument.length > MAX_BATCHED_CODE_UNITS || change.leaves === null;
    case 'merge-patch':
    case 'json-patch':
    case 'restore':
    case 'delete':
      return true;
  }
}

function argumentOf(change: SettingsChange): string {
  switch (change.kind) {
    case 'replace':
      return change.document;
    case 'merge':
    case 'merge-patch':
    case 'json-patch':
      return change.patch;
    case 'delete-keys':
      return JSON.stringify(change.keys);
    case 'restore':
      return change.version;
    case 'delete':
      return '';
  }
}

const READ_BY_MEMBER = batchedStatement({
  name: 'organization-settings-read',
  parameters: ['organizationId', 'callerId', 'knownVersion', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when s.version is distinct from $3::bigint and pg_column_size(s.settings) > $4::integer
        then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as version,
      case when coalesce(s.version, 0) is distinct from $3::bigint and (pg_column_size(s.settings) > $4::integer) is not true
        then coalesce(s.settings::text, '{}') end as settings
    from members m
    join organizations o on o.id = $1::uuid and o.deleted_at is null
    left join organization_settings s on s.organization_id = $1::uuid
    where m.organization_id = $1::uuid and m.user_id = $2::varchar and m.deleted_at is null`,
  batchedText: `
    select q.ordinal, case when s.version is distinct from q.known_version and pg_column_size(s.settings) > $4::integer
        then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as version,
      case when coalesce(s.version, 0) is distinct from q.known_version and (pg_column_size(s.settings) > $4::integer) is not true
        then coalesce(s.settings::text, '{}') end as settings
    from unnest($1::uuid[], $2::varchar[], $3::bigint[]) with ordinality q (organization_id, caller_id, known_version, ordinal)
    join members m on m.organization_id = q.organization_id and m.user_id = q.caller_id and m.deleted_at is null
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join organization_settings s on s.organization_id = q.organization_id`,
});

const READ_BY_SERVICE = batchedStatement({
  name: 'organization-settings-read-by-service',
  parameters: ['organizationId', 'callerId', 'knownVersion', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when s.version is distinct from $3::bigint and pg_column_size(s.settings) > $4::integer
        then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as version,
      case when coalesce(s.version, 0) is distinct from $3::bigint and (pg_column_size(s.settings) > $4::integer) is not true
        then coalesce(s.settings::text, '{}') end as settings
    from service_accounts a
    join organizations o on o.id = $1::uuid and o.deleted_at is null
    left join organization_settings s on s.organization_id = $1::uuid
    where a.id = $2::varchar and a.deleted_at is null and coalesce(a.organization_id, $1::uuid) = $1::uuid
      and a.scopes @> '{settings:read}'`,
  batchedText: `
    select q.ordinal, case when s.version is distinct from q.known_version and pg_column_size(s.settings) > $4::integer
        then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as version,
      case when coalesce(s.version, 0) is distinct from q.known_version and (pg_column_size(s.settings) > $4::integer) is not true
        then coalesce(s.settings::text, '{}') end as settings
    from unnest($1::uuid[], $2::varchar[], $3::bigint[]) with ordinality q (organization_id, caller_id, known_version, ordinal)
    join service_accounts a on a.id = q.caller_id and a.deleted_at is null
      and coalesce(a.organization_id, q.organization_id) = q.organization_id and a.scopes @> '{settings:read}'
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join organization_settings s on s.organization_id = q.organization_id`,
});

const READ_BY_USER = batchedStatement({
  name: 'user-settings-read',
  parameters: ['userId', 'knownVersion', 'maxBatchedBytes'],
  constants: ['maxBatchedBytes'],
  singleParameters: { maxBatchedBytes: null },
  text: `
    select case when s.version is distinct from $2::bigint and pg_column_size(s.settings) > $3::integer
        then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as version,
      case when coalesce(s.version, 0) is distinct from $2::bigint and (pg_column_size(s.settings) > $3::integer) is not true
        then coalesce(s.settings::text, '{}') end as settings
    from users u
    left join user_settings s on s.user_id = $1::varchar
    where u.id = $1::varchar and u.deleted_at is null`,
  batchedText: `
    select q.ordinal, case when s.version is distinct from q.known_version and pg_column_size(s.settings) > $3::integer
        then 'heavy' else 'found' end as status,
      coalesce(s.version, 0) as version,
      case when coalesce(s.version, 0) is distinct from q.known_version and (pg_column_size(s.settings) > $3::integer) is not true
        then coalesce(s.settings::text, '{}') end as settings
    from unnest($1::varchar[], $2::bigint[]) with ordinality q (user_id, known_version, ordinal)
    join users u on u.id = q.user_id and u.deleted_at is null
    left join user_settings s on s.user_id = q.user_id`,
});

const READ_DOCUMENT = batchedStatement({
  name: 'organization-document-read',
  parameters: ['organizationId', 'callerType', 'callerId', 'context', 'right', 'knownVersion'],
  text: `
    select v.status, v.version, v.settings
    from organization_document_read($1::uuid, $2::text, $3::varchar, $4::integer, $5::text, $6::bigint) v`,
  batchedText: `
    select q.ordinal, v.status, v.version, v.settings
    from unnest($1::uuid[], $2::text[], $3::varchar[], $4::integer[], $5::text[], $6::bigint[]) with ordinality q (
      organization_id, caller_type, caller_id, context, read_right, known_version, ordinal)
    cross join lateral organization_document_read(
      q.organization_id, q.caller_type, q.caller_id, q.context, q.read_right, q.known_version) v`,
});

const CHANGE_DOCUMENT = statement({
  name: 'organization-document-change',
  parameters: [
    'organizationId',
    'callerType',
    'callerId',
    'context',
    'kind',
    'argument',
    'maxBytes',
    'maxDepth',
    'match',
    'noneMatch',
    'requestId',
    'reason',
    'isDryRun',
    'judged',
    'historyMaxBytes',
    'maxWaitMs',
  ],
  text: `
    select c.* from organization_document_change(
      $1::uuid, $2::text, $3::varchar, $4::integer, $5::text, $6::text, $7::integer, $8::integer, $9::bigint[],
      $10::bigint[], $11::varchar, $12::varchar, $13::boolean, $14::text, $15::bigint, $16::integer) c`,
});

const CHANGE_ORGANIZATION_SETTINGS = lockingStatement({
  name: 'organization-settings-change',
  singleParameters: { maxBatchedBytes: null },
  parameters: [
    'organizationId',
    'callerType',
    'callerId',
    'kind',
    'argument',
    'leaves',
    'maxBytes',
    'maxDepth',
    'match',
    'noneMatch',
    'requestId',
    'reason',
    'isDryRun',
    'maxBatchedBytes',
    'historyMaxBytes',
    'maxWaitMs',
    'judged',
  ],
  constants: ['maxBytes', 'maxDepth', 'isDryRun', 'maxBatchedBytes', 'historyMaxBytes', 'maxWaitMs'],
  text: `
    select c.* from organization_settings_change_3(
      $1::uuid, $2::text, $3::varchar, $4::text, $5::text, $6::text[], $7::integer, $8::integer, $9::bigint[], $10::bigint[],
      $11::varchar, $12::varchar, $13::boolean, $14::integer, $15::bigint, $16::integer, $17::text) c`,
  batchedText: `
    select q.ordinal, c.*
    from unnest(
      $1::uuid[], $2::text[], $3::varchar[], $4::text[], $5::text[], $6::text[], $9::text[], $10::text[], $11::varchar[],
      $12::varchar[], $17::text[]
    ) with ordinality q (
      organization_id, caller_type, caller_id, kind, argument, leaves, match, none_match, request_id, reason, judged,
      ordinal)
    cross join lateral organization_settings_change_3(
      q.organization_id, q.caller_type, q.caller_id, q.kind, q.argument, q.leaves::text[], $7::integer, $8::integer,
      q.match::bigint[], q.none_match::bigint[], q.request_id, q.reason, $13::boolean, $14::integer, $15::bigint, null,
      q.judged) c
    where (select set_config('lock_timeout', $16::text, true)) is not null`,
});

const CHANGE_USER_SETTINGS = lockingStatement({
  name: 'user-settings-change',
  singleParameters: { maxBatchedBytes: null },
  parameters: [
    'userId',
    'kind',
    'argument',
    'leaves',
    'maxBytes',
    'maxDepth',
    'match',
    'noneMatch',
    'requestId',
    'reason',
    'isDryRun',
    'maxBatchedBytes',
    'historyMaxBytes',
    'maxWaitMs',
    'judged',
  ],
  constants: ['maxBytes', 'maxDepth', 'isDryRun', 'maxBatchedBytes', 'historyMaxBytes', 'maxWaitMs'],
  text: `
    select c.* from user_settings_change_3(
      $1::varchar, $2::text, $3::text, $4::text[], $5::integer, $6::integer, $7::bigint[], $8::bigint[], $9::varchar,
      $10::varchar, $11::boolean, $12::integer, $13::bigint, $14::integer, $15::text) c`,
  batchedText: `
    select q.ordinal, c.*
    from unnest(
      $1::varchar[], $2::text[], $3::text[], $4::text[], $7::text[], $8::text[], $9::varchar[], $10::varchar[], $15::text[]
    ) with ordinality q (user_id, kind, argument, leaves, match, none_match, request_id, reason, judged, ordinal)
    cross join lateral user_settings_change_3(
      q.user_id, q.kind, q.argument, q.leaves::text[], $5::integer, $6::integer, q.match::bigint[], q.none_match::bigint[],
      q.request_id, q.reason, $11::boolean, $12::integer, $13::bigint, null, q.judged) c
    where (select set_config('lock_timeout', $14::text, true)) is not null`,
});
