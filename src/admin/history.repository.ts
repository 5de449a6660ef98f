import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import type { EventRow } from '../system-event/system-event.repository.js';

/** A change as the history of an organization has it. */
export type HistoryRow = Omit<EventRow, 'event' | 'isUnread'> & { readonly operator: string | null };

export interface HistoryFilter {
  readonly organizationId: string;
  /** Only what this one did, and what was done to them. */
  readonly partyId: string | null;
  readonly since: Date | null;
}

/** Reads what was changed of an organization and of its members. */
@Injectable()
export class HistoryRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /**
   * Newest first, at most `limit`.
   *
   * @param upTo the id of the last change to show; `null`: the newest
   */
  find({ organizationId, partyId, since }: HistoryFilter, upTo: string | null, limit: number): Promise<HistoryRow[]> {
    return this.manager.query<HistoryRow[]>(FIND, [organizationId, partyId, since?.toISOString() ?? null, upTo, limit]);
  }
}

/** Shows as much of a change as an event does. */
const FIND = `
  select v.id, v.at, v.context_id as "contextId", v.context, v.operation, v.version, v.actor_id as "actorId", v.operator,
    v.organization_id as "organizationId", v.request_id as "requestId", v.reason,
    jsonb_array_length(v.patch) as operations,
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
      c.actor_id, c.operator, c.patch, c.request_id, c.reason
    from organization_changes c
    where c.organization_id = $1::uuid and c.operation <> 'baseline'
    union all
    select c.id, c.at, c.user_id as context_id, c.organization_id, c.context, c.version, c.operation,
      c.actor_id, c.operator, c.patch, c.request_id, c.reason
    from user_changes c
    where c.organization_id = $1::uuid and c.operation <> 'baseline'
  ) v
  where ($2::text is null or $2::text in (v.actor_id, v.context_id))
    and v.id >= coalesce(change_id_from($3::timestamptz), -9223372036854775808)
    and v.id <= coalesce($4::bigint, 9223372036854775807)
  order by v.id desc, v.context, v.context_id, v.version desc limit $5::integer`;
