import { Injectable } from '@nestjs/common';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { Environment } from '../config/environment.js';
import { arrayLiteral, batchedStatement, lockingStatement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { VersionMissing } from '../history/version.errors.js';
import type { PreconditionFailed } from '../history/version.js';
import type { Caller } from './caller.js';
import type { ProfileChange } from './profile-change.js';

/** A profile, as JSON text in any order, and which version of it. */
export interface Profile {
  readonly version: string;
  readonly profile: string;
}

export type ProfileRead =
  ({ readonly status: 'found' } & Profile) | { readonly status: 'forbidden' | 'no-such-organization' };

/** What became of a change: what `organization_change_3` returns. */
export type ProfileChangeResult =
  | ({ readonly status: 'changed' | 'unchanged' } & Profile)
  | PreconditionFailed
  | VersionMissing
  | { readonly status: 'forbidden' | 'no-such-organization' };

/** Keeps the profiles of organizations. */
@Injectable()
export class OrganizationRepository {
  private readonly reads: {
    readonly member: StatementCalls<typeof READ_BY_MEMBER, ProfileRead>;
    readonly service: StatementCalls<typeof READ_BY_SERVICE, ProfileRead>;
  };
  private readonly changes: StatementCalls<typeof CHANGE, ProfileChangeResult>;
  private readonly active: StatementCalls<typeof FIND_ACTIVE, { readonly id: string }>;

  constructor(
    runner: StatementRunner,
    private readonly environment: Environment,
  ) {
    this.reads = { member: runner.batchReads(READ_BY_MEMBER), service: runner.batchReads(READ_BY_SERVICE) };
    this.changes = runner.batchChanges(CHANGE);
    this.active = runner.batchReads(FIND_ACTIVE);
  }

  async read(organizationId: string, caller: Caller): Promise<ProfileRead> {
    const { callerType, callerId, since } = identityOf(caller);
    return (
      (await this.reads[callerType].execute({ organizationId, callerId, since })) ?? { status: 'no-such-organization' }
    );
  }

  /** One call of a function in the database, which checks role or scope, and version, once it has the row's lock. */
  async change(
    organizationId: string,
    caller: Caller,
    change: ProfileChange,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<ProfileChangeResult> {
    const call = {
      organizationId,
      ...identityOf(caller),
      kind: change.kind,
      argument: change.kind === 'restore' ? change.version : JSON.stringify(change.columns),
      match: arrayLiteral(preconditions.versionsToMatch(organizationId)),
      noneMatch: arrayLiteral(preconditions.versionsNotToMatch(organizationId)),
      requestId: origin.requestId,
      reason: origin.reason,
      isBatched: true,
      historyMaxBytes: this.environment.HISTORY_MAX_BYTES,
    };
    const result = await this.changes.execute(call, change.kind === 'restore');
    return result!;
  }

  /** Whether there is such an organization, not soft-deleted. */
  async isActive(organizationId: string, callerId: string, since: number): Promise<boolean> {
    const call = { organizationId, callerId, since };
    return (await this.active.execute(call)) !== undefined;
  }
}

/** Who calls, as the functions of the database name it, and since when their request waits. */
export function identityOf(caller: Caller) {
  const { since } = caller;
  return caller.kind === 'service'
    ? ({ callerType: 'service', callerId: caller.serviceId, since } as const)
    : ({ callerType: 'member', callerId: caller.userId, since } as const);
}

const FIND_ACTIVE = batchedStatement({
  name: 'organization-find',
  parameters: ['organizationId'],
  text: `
    select o.id from organizations o where o.id = $1::uuid and o.deleted_at is null`,
  batchedText: `
    select q.ordinal, o.id
    from unnest($1::uuid[]) with ordinality q (id, ordinal)
    join organizations o on o.id = q.id and o.deleted_at is null`,
});

const READ_BY_MEMBER = batchedStatement({
  name: 'organization-read',
  parameters: ['organizationId', 'callerId'],
  text: `
    select case when m.role is null then 'forbidden' else 'found' end as status, o.version,
      case when m.role is not null then organization_profile_2(o)::text end as profile
    from organizations o
    left join members m on m.organization_id = $1::uuid and m.user_id = $2::varchar and m.deleted_at is null
    where o.id = $1::uuid and o.deleted_at is null`,
  batchedText: `
    select q.ordinal, case when m.role is null then 'forbidden' else 'found' end as status, o.version,
      case when m.role is not null then organization_profile_2(o)::text end as profile
    from unnest($1::uuid[], $2::varchar[]) with ordinality q (organization_id, caller_id, ordinal)
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join members m on m.organization_id = q.organization_id and m.user_id = q.caller_id and m.deleted_at is null`,
});

const READ_BY_SERVICE = batchedStatement({
  name: 'organization-read-by-service',
  parameters: ['organizationId', 'callerId'],
  text: `
    select case when a.id is null then 'forbidden' else 'found' end as status, o.version,
      case when a.id is not null then organization_profile_2(o)::text end as profile
    from organizations o
    left join service_accounts a on a.id = $2::varchar and a.deleted_at is null
      and coalesce(a.organization_id, $1::uuid) = $1::uuid and a.scopes @> '{organization:read}'
    where o.id = $1::uuid and o.deleted_at is null`,
  batchedText: `
    select q.ordinal, case when a.id is null then 'forbidden' else 'found' end as status, o.version,
      case when a.id is not null then organization_profile_2(o)::text end as profile
    from unnest($1::uuid[], $2::varchar[]) with ordinality q (organization_id, caller_id, ordinal)
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join service_accounts a on a.id = q.caller_id and a.deleted_at is null
      and coalesce(a.organization_id, q.organization_id) = q.organization_id and a.scopes @> '{organization:read}'`,
});

const CHANGE = lockingStatement({
  name: 'organization-change',
  singleParameters: { isBatched: false },
  parameters: [
    'organizationId',
    'callerType',
    'callerId',
    'kind',
    'argument',
    'match',
    'noneMatch',
    'requestId',
    'reason',
    'isBatched',
    'historyMaxBytes',
    'maxWaitMs',
  ],
  constants: ['isBatched', 'historyMaxBytes', 'maxWaitMs'],
  text: `
    select c.* from organization_change_3(
      $1::uuid, $2::text, $3::varchar, $4::text, $5::text, $6::bigint[], $7::bigint[], $8::varchar, $9::varchar, $10::boolean,
      $11::bigint, $12::integer) c`,
  batchedText: `
    select q.ordinal, c.*
    from unnest(
      $1::uuid[], $2::text[], $3::varchar[], $4::text[], $5::text[], $6::text[], $7::text[], $8::varchar[], $9::varchar[]
    ) with ordinality q (
      organization_id, caller_type, caller_id, kind, argument, match, none_match, request_id, reason, ordinal)
    cross join lateral organization_change_3(
      q.organization_id, q.caller_type, q.caller_id, q.kind, q.argument, q.match::bigint[], q.none_match::bigint[],
      q.request_id, q.reason, $10::boolean, $11::bigint, null) c
    where (select set_config('lock_timeout', $12::text, true)) is not null`,
});
