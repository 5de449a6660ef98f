import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { SYSTEM_ID } from '../organization/organization-id.js';
import type { HistoryContext } from '../history/change-context.js';
import type { EventRow } from '../system-event/system-event.repository.js';

/** A change as the history has it. */
export type HistoryRow = Omit<EventRow, 'event' | 'isUnread' | 'context' | 'contextId'> & {
  readonly context: HistoryContext;
  /** `null` of a user who was erased. */
  readonly contextId: string | null;
  readonly operator: string | null;
};

export interface HistoryFilter {
  /** Only what this one did, and what was done to them. */
  readonly partyId: string | null;
  readonly since: Date | null;
}

/**
 * Reads what was changed, newest first and at most `limit`: from the change with the id `upTo` on, or from the newest.
 */
@Injectable()
export class HistoryRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** What was changed of an organization, of its members and of its service accounts. */
  findOfOrganization(
    organizationId: string,
    { partyId, since }: HistoryFilter,
    upTo: string | null,
    limit: number,
  ): Promise<HistoryRow[]> {
    const parameters = [organizationId, partyId, since?.toISOString() ?? null, upTo, limit];
    return this.manager.query<HistoryRow[]>(FIND_OF_ORGANIZATION, parameters);
  }

  /**
   * What was changed of users without an organization, of service accounts for all organizations, and of the documents
   * of the system.
   */
  findOfSystem({ partyId, since }: HistoryFilter, upTo: string | null, limit: number): Promise<HistoryRow[]> {
    const parameters = [partyId, since?.toISOString() ?? null, upTo, limit, SYSTEM_ID];
    return this.manager.query<HistoryRow[]>(FIND_OF_SYSTEM, parameters);
  }
}

/** Shows as much of a change as an event does. */
const FIND_OF_ORGANIZATION = `
  select v.id, v.at, v.context_id as "contextId", v.context, v.operation, v.version, v.actor_id as "actorId", v.operator,
    v.organization_id as "organizationId", v.request_id as "requestId", v.reason,
    coalesce(v.thinned_operations, jsonb_array_length(v.patch)) as operations,
    array(
      select jsonb_build_object('op', o -> 'op', 'path', left(o ->> 'path', 2000),
        'isWholePath', length(o ->> 'path') <= 2000,
        'bytes', octet_length((o -> 'value')::text),
        'value', case when octet_length((o -> 'value')::text) <= 1000 then (o -> 'value')::text end)
      from jsonb_array_elements(v.patch) with ordinality e (o, ordinal)
      order by ordinal limit 50
    ) as patch
  from (
    select c.id, c.at, c.organization_id::text as context_id, c.organization_id, c.context, c.version, c.operation,
      c.actor_id, c.operator, c.patch, c.thinned_operations, c.request_id, c.reason
    from organization_changes c
    where c.organization_id = $1::uuid and c.operation <> 'baseline'
    union all
    select c.id, c.at, c.user_id as context_id, c.organization_id, c.context, c.version, c.operation,
      c.actor_id, c.operator, c.patch, c.thinned_operations, c.request_id, c.reason
    from user_changes c
    where c.organization_id = $1::uuid and c.operation <> 'baseline'
    union all
    select c.id, c.at, c.context_id, c.organization_id, c.context, c.version, c.operation,
      null as actor_id, c.operator, c.patch, null::integer as thinned_operations, null as request_id, c.reason
    from operator_changes c
    where c.organization_id = $1::uuid
  ) v
  where ($2::text is null or $2::text in (v.actor_id, v.context_id))
    and v.id >= coalesce(change_id_from($3::timestamptz), -9223372036854775808)
    and v.id <= coalesce($4::bigint, 9223372036854775807)
  order by v.id desc, v.context, v.context_id, v.version desc limit $5::integer`;

/** The same where there is no organization. */
const FIND_OF_SYSTEM = `
  select v.id, v.at, v.context_id as "contextId", v.context, v.operation, v.version, v.actor_id as "actorId", v.operator,
    null as "organizationId", v.request_id as "requestId", v.reason,
    coalesce(v.thinned_operations, jsonb_array_length(v.patch)) as operations,
    array(
      select jsonb_build_object('op', o -> 'op', 'path', left(o ->> 'path', 2000),
        'isWholePath', length(o ->> 'path') <= 2000,
        'bytes', octet_length((o -> 'value')::text),
        'value', case when octet_length((o -> 'value')::text) <= 1000 then (o -> 'value')::text end)
      from jsonb_array_elements(v.patch) with ordinality e (o, ordinal)
      order by ordinal limit 50
    ) as patch
  from (
    select c.id, c.at, c.user_id as context_id, c.context, c.version, c.operation,
      c.actor_id, c.operator, c.patch, c.thinned_operations, c.request_id, c.reason
    from user_changes c
    where c.organization_id is null and c.operation <> 'baseline'
    union all
    select c.id, c.at, c.context_id, c.context, c.version, c.operation,
      null as actor_id, c.operator, c.patch, null::integer as thinned_operations, null as request_id, c.reason
    from operator_changes c
    where c.organization_id is null
    union all
    select c.id, c.at, null as context_id, c.context, c.version, c.operation,
      c.actor_id, c.operator, c.patch, c.thinned_operations, c.request_id, c.reason
    from organization_changes c
    where c.organization_id = $5::uuid and c.operation <> 'baseline'
  ) v
  where ($1::text is null or $1::text in (v.actor_id, v.context_id))
    and v.id >= coalesce(change_id_from($2::timestamptz), -9223372036854775808)
    and v.id <= coalesce($3::bigint, 9223372036854775807)
  order by v.id desc, v.context, v.context_id, v.version desc limit $4::integer`;
