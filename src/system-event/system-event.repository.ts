import { Injectable } from '@nestjs/common';
import { statement } from '../database/statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { Operation } from '../history/operation.js';
import type { ChangeContext } from '../history/change-context.js';
import type { EventFilter } from './system-event.js';

/** Whose events a user may see: all of their organization, or only their own. */
export interface View {
  readonly userId: string;
  readonly organizationId: string | null;
  readonly isAdministrator: boolean;
  /** When the request came to wait, on the clock of `performance.now()`. */
  readonly since: number;
}

/** A change with what an event shows of it. */
export interface EventRow {
  readonly id: string;
  readonly at: Date;
  readonly contextId: string;
  readonly context: ChangeContext;
  /** An index of `EVENTS`. */
  readonly event: number;
  readonly operation: Operation;
  readonly version: string;
  readonly organizationId: string | null;
  readonly actorId: string | null;
  readonly requestId: string | null;
  readonly reason: string | null;
  readonly isUnread: boolean;
  /** How many operations the patch has; of the first ones also what they are. */
  readonly operations: number;
  readonly patch: EventOperation[];
}

export interface EventOperation {
  readonly op: string;
  /** The start of it. */
  readonly path: string;
  readonly isWholePath: boolean;
  readonly bytes: number | null;
  readonly value: string | null;
}

/** Reads the changes that were kept as events, and who has read them. */
@Injectable()
export class SystemEventRepository {
  constructor(private readonly runner: StatementRunner) {}

  /** Newest first. */
  find(view: View, filter: EventFilter): Promise<EventRow[]> {
    const { take, skip } = filter;
    return this.runner.executeHeavy<typeof FIND_EVENTS, EventRow>(FIND_EVENTS, {
      ...parametersOf(view, filter),
      take,
      skip,
    });
  }

  /** How many there are, up to 10,000; `more` says that there are more, or may be. */
  async count(view: View, filter: EventFilter): Promise<{ readonly total: number; readonly more: boolean }> {
    const { contextId, context, event, userId, onlyUnread } = filter;
    const isEachWanted = !onlyUnread && [contextId, context, event, userId].every((condition) => condition == null);
    const [row] = await this.runner.executeHeavy<typeof COUNT_EVENTS, { total: number; more: boolean }>(COUNT_EVENTS, {
      ...parametersOf(view, filter),
      maxTotal: MAX_TOTAL,
      maxLookedAt: isEachWanted ? MAX_TOTAL : MAX_LOOKED_AT,
    });
    return row!;
  }

  /** Which of these events the user may see. */
  async findVisible(view: View, ids: readonly number[]): Promise<Set<number>> {
    const rows = await this.runner.executeHeavy<typeof FIND_VISIBLE_EVENTS, { id: string }>(FIND_VISIBLE_EVENTS, {
      ...view,
      ids,
    });
    return new Set(rows.map(({ id }) => Number(id)));
  }

  async markRead({ userId, since }: View, ids: readonly number[]): Promise<void> {
    await this.runner.executeHeavy(MARK_READ, { userId, ids: JSON.stringify(ids), since });
  }

  async markUnread({ userId, since }: View, ids: readonly number[]): Promise<void> {
    await this.runner.executeHeavy(MARK_UNREAD, { userId, ids, since });
  }
}

/** Events beyond it are not counted. */
const MAX_TOTAL = 10_000;

/** How many of the newest events are searched for those that meet the conditions. */
const MAX_LOOKED_AT = 50_000;

const FILTER = [
  'userId',
  'organizationId',
  'isAdministrator',
  'from',
  'to',
  'contextId',
  'context',
  'event',
  'actorId',
  'showsRead',
] as const;

function parametersOf(
  view: View,
  filter: EventFilter,
): Record<(typeof FILTER)[number], string | number | boolean | null> & { readonly since: number } {
  return {
    userId: view.userId,
    organizationId: view.organizationId,
    isAdministrator: view.isAdministrator,
    since: view.since,
    from: filter.from?.toISOString() ?? null,
    to: filter.to?.toISOString() ?? null,
    contextId: filter.contextId ?? null,
    context: filter.context ?? null,
    event: filter.event ?? null,
    actorId: filter.userId ?? null,
    showsRead: !filter.onlyUnread,
  };
}

/**
 * A page of events. Of each it shows the first 50 operations, values of at most 1,000 bytes, and 2,000 characters of
 * each path, in which secrets are looked for. Each table is read by its index on ids, up to the end of the page.
 */
const FIND_EVENTS = statement({
  name: 'events',
  parameters: [...FILTER, 'take', 'skip'],
  text: `
    select v.id, v.at, v.context_id as "contextId", v.context, v.event, v.operation, v.version,
      v.actor_id as "actorId",
      v.organization_id as "organizationId", v.request_id as "requestId", v.reason,
      not exists (select from event_reads r where r.user_id = $1::varchar and r.event_id = v.id) as "isUnread",
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
      select p.*
      from (
        (
          select c.id, c.at, c.organization_id::text as context_id, c.organization_id, c.context, c.version, c.operation,
            c.actor_id, c.patch, c.thinned_operations, c.request_id, c.reason,
            case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event
          from organization_changes c
          where c.organization_id = $2::uuid and ($3::boolean or c.actor_id = $1::varchar) and c.operation <> 'baseline'
            and c.id >= coalesce(change_id_from($4::timestamptz), -9223372036854775808)
            and c.id < coalesce(change_id_from($5::timestamptz) + 4096, 9223372036854775807)
            and ($6::text is null or c.organization_id::text = $6)
            and ($7::integer is null or c.context = $7)
            and ($8::integer is null or case c.operation when 'create' then 0 when 'delete' then 2 else 1 end = $8)
            and ($9::text is null or c.actor_id = $9)
            and ($10::boolean or c.id not in (
              select r.event_id from event_reads r where r.user_id = $1::varchar))
          order by c.id desc limit $11::integer + $12::integer
        )
        union all
        (
          select c.id, c.at, c.user_id::text as context_id, c.organization_id, c.context, c.version, c.operation,
            c.actor_id, c.patch, c.thinned_operations, c.request_id, c.reason,
            case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event
          from user_changes c
          where $3::boolean and c.organization_id = $2::uuid and c.operation <> 'baseline'
            and c.id >= coalesce(change_id_from($4::timestamptz), -9223372036854775808)
            and c.id < coalesce(change_id_from($5::timestamptz) + 4096, 9223372036854775807)
            and ($6::text is null or c.user_id::text = $6)
            and ($7::integer is null or c.context = $7)
            and ($8::integer is null or case c.operation when 'create' then 0 when 'delete' then 2 else 1 end = $8)
            and ($9::text is null or c.actor_id = $9)
            and ($10::boolean or c.id not in (
              select r.event_id from event_reads r where r.user_id = $1::varchar))
          order by c.id desc limit $11::integer + $12::integer
        )
        union all
        (
          select c.id, c.at, c.user_id::text as context_id, c.organization_id, c.context, c.version, c.operation,
            c.actor_id, c.patch, c.thinned_operations, c.request_id, c.reason,
            case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event
          from user_changes c
          where not $3::boolean and c.user_id = $1::varchar and c.operation <> 'baseline'
            and c.id >= coalesce(change_id_from($4::timestamptz), -9223372036854775808)
            and c.id < coalesce(change_id_from($5::timestamptz) + 4096, 9223372036854775807)
            and ($6::text is null or c.user_id::text = $6)
            and ($7::integer is null or c.context = $7)
            and ($8::integer is null or case c.operation when 'create' then 0 when 'delete' then 2 else 1 end = $8)
            and ($9::text is null or c.actor_id = $9)
            and ($10::boolean or c.id not in (
              select r.event_id from event_reads r where r.user_id = $1::varchar))
          order by c.id desc limit $11::integer + $12::integer
        )
      ) p
      order by p.id desc limit $11::integer offset $12::integer
    ) v
    order by v.id desc`,
});

/**
 * How many events there are of which FIND_EVENTS shows a page, up to $11 and among the newest $12 of that time; and
 * whether there may be more.
 */
const COUNT_EVENTS = statement({
  name: 'events-count',
  parameters: [...FILTER, 'maxTotal', 'maxLookedAt'],
  text: `
    select least(count(*) filter (where k.is_wanted), $11::integer)::integer as total,
      count(*) filter (where k.is_wanted) > $11::integer or count(*) > $12::integer as more
    from (
      select ($6::text is null or v.context_id = $6)
        and ($7::integer is null or v.context = $7)
        and ($8::integer is null or v.event = $8)
        and ($9::text is null or v.actor_id = $9)
        and ($10::boolean or not exists (
          select from event_reads r where r.user_id = $1::varchar and r.event_id = v.id)) as is_wanted
      from (
        (
          select c.id, c.organization_id::text as context_id, c.context, c.actor_id,
            case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event
          from organization_changes c
          where c.organization_id = $2::uuid and ($3::boolean or c.actor_id = $1::varchar) and c.operation <> 'baseline'
            and c.id >= coalesce(change_id_from($4::timestamptz), -9223372036854775808)
            and c.id < coalesce(change_id_from($5::timestamptz) + 4096, 9223372036854775807)
          order by c.id desc limit $12::integer + 1
        )
        union all
        (
          select c.id, c.user_id::text as context_id, c.context, c.actor_id,
            case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event
          from user_changes c
          where $3::boolean and c.organization_id = $2::uuid and c.operation <> 'baseline'
            and c.id >= coalesce(change_id_from($4::timestamptz), -9223372036854775808)
            and c.id < coalesce(change_id_from($5::timestamptz) + 4096, 9223372036854775807)
          order by c.id desc limit $12::integer + 1
        )
        union all
        (
          select c.id, c.user_id::text as context_id, c.context, c.actor_id,
            case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event
          from user_changes c
          where not $3::boolean and c.user_id = $1::varchar and c.operation <> 'baseline'
            and c.id >= coalesce(change_id_from($4::timestamptz), -9223372036854775808)
            and c.id < coalesce(change_id_from($5::timestamptz) + 4096, 9223372036854775807)
          order by c.id desc limit $12::integer + 1
        )
      ) v
      order by v.id desc limit $12::integer + 1
    ) k`,
});

/** Which of the events in $4 a user may see. */
const FIND_VISIBLE_EVENTS = statement({
  name: 'events-visible',
  parameters: ['userId', 'organizationId', 'isAdministrator', 'ids'],
  text: `
    select c.id
    from organization_changes c
    where c.organization_id = $2::uuid and ($3::boolean or c.actor_id = $1::varchar)
      and c.operation <> 'baseline' and c.id = any($4::bigint[])
    union all
    select c.id
    from user_changes c
    where $3::boolean and c.organization_id = $2::uuid
      and c.operation <> 'baseline' and c.id = any($4::bigint[])
    union all
    select c.id
    from user_changes c
    where not $3::boolean and c.user_id = $1::varchar
      and c.operation <> 'baseline' and c.id = any($4::bigint[])`,
});

// An array in `unnest` might be of many users, for all that a distributed database knows.
const MARK_READ = statement({
  name: 'events-mark-read',
  parameters: ['userId', 'ids'],
  text: `
    insert into event_reads (user_id, event_id)
    select $1::varchar, e.id::bigint
    from jsonb_array_elements_text($2::jsonb) e (id)
    where not exists (
      select from event_reads where event_reads.user_id = $1::varchar and event_reads.event_id = e.id::bigint)
    on conflict do nothing`,
});

const MARK_UNREAD = statement({
  name: 'events-mark-unread',
  parameters: ['userId', 'ids'],
  text: `
    delete from event_reads r
    where r.user_id = $1::varchar and r.event_id = any($2::bigint[])`,
});
