import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import type { Operation } from '../history/change.js';
import type { ChangeContext } from '../history/change-context.js';
import { EventRead } from './event-read.entity.js';
import type { EventFilter } from './system-event.js';

/** Whose events a user may see: all of their organization, or only their own. */
export interface View {
  readonly userId: string;
  readonly organizationId: string | null;
  readonly isAdministrator: boolean;
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

/** How many operations of a change an event shows, and the longest value, in bytes. */
const MOST_OPERATIONS = 50;
const MOST_BYTES = 1000;

/** How many characters of each path are read to look for secrets: more than an event shows. */
const READ_PATH_LENGTH = 2000;

/** Reads the changes that were kept as events, and who has read them. */
@Injectable()
export class SystemEventRepository {
  constructor(@InjectRepository(EventRead) private readonly reads: Repository<EventRead>) {}

  /** Newest first. */
  async find(view: View, filter: EventFilter): Promise<EventRow[]> {
    const { text, values } = matching(view, filter);
    return this.reads.query<EventRow[]>(
      `select v.id, v.at, v.context_id as "contextId", v.context, v.event, v.operation, v.version, v.actor_id as "actorId",
         v.organization_id as "organizationId", v.request_id as "requestId", v.reason, v.is_unread as "isUnread",
         jsonb_array_length(v.patch) as operations,
         array(
           select jsonb_build_object('op', o -> 'op', 'path', left(o ->> 'path', ${READ_PATH_LENGTH}),
             'isWholePath', length(o ->> 'path') <= ${READ_PATH_LENGTH},
             'bytes', octet_length((o -> 'value')::text),
             'value', case when octet_length((o -> 'value')::text) <= ${MOST_BYTES} then (o -> 'value')::text end)
           from jsonb_array_elements(v.patch) with ordinality e (o, place)
           order by place limit ${MOST_OPERATIONS}
         ) as patch
       from (${text}) v order by v.id desc limit $${values.length + 1} offset $${values.length + 2}`,
      [...values, filter.take, filter.skip],
    );
  }

  async count(view: View, filter: EventFilter): Promise<number> {
    const { text, values } = matching(view, filter);
    const [row] = await this.reads.query<{ total: number }[]>(
      `select count(*)::integer as total from (${text}) v`,
      values,
    );
    return row!.total;
  }

  /** Which of these events the user may see. */
  async findVisible(view: View, ids: readonly number[]): Promise<Set<number>> {
    const rows = await this.reads.query<{ id: string }[]>(
      `select v.id from (${visible(view)}) v where v.id = any($3::bigint[])`,
      [view.userId, view.organizationId, ids],
    );
    return new Set(rows.map(({ id }) => Number(id)));
  }

  async markRead(userId: string, ids: readonly number[]): Promise<void> {
    const rows = ids.map((id) => ({ userId, eventId: String(id) }));
    await this.reads.createQueryBuilder().insert().values(rows).orIgnore().execute();
  }

  async markUnread(userId: string, ids: readonly number[]): Promise<void> {
    await this.reads.delete({ userId, eventId: In(ids.map(String)) });
  }
}

/** Parameters: $1 the user, $2 their organization. */
function visible({ isAdministrator }: View): string {
  const common = `c.context, c.version, c.operation, c.actor_id, c.patch, c.request_id, c.reason,
    case c.operation when 'create' then 0 when 'delete' then 2 else 1 end as event`;
  return `
    select c.id, c.at, c.organization_id::text as context_id, c.organization_id, ${common} from organization_changes c
    where c.organization_id = $2::uuid and (${isAdministrator} or c.actor_id = $1) and c.operation <> 'baseline'
    union all
    select c.id, c.at, c.user_id as context_id, c.organization_id, ${common} from user_changes c
    where ${isAdministrator ? 'c.organization_id = $2::uuid' : 'c.user_id = $1'} and c.operation <> 'baseline'`;
}

function matching(view: View, filter: EventFilter): { text: string; values: unknown[] } {
  return {
    text: `
      select v.*, r.event_id is null as is_unread from (${visible(view)}) v
      left join event_reads r on r.user_id = $1 and r.event_id = v.id
      where v.id >= coalesce(change_id_from($3::timestamptz), -9223372036854775808)
        and v.id < coalesce(change_id_from($4::timestamptz) + 4096, 9223372036854775807)
        and ($5::text is null or v.context_id = $5)
        and ($6::integer is null or v.context = $6)
        and ($7::integer is null or v.event = $7)
        and ($8::text is null or v.actor_id = $8)
        and ($9::boolean or r.event_id is null)`,
    values: [
      view.userId,
      view.organizationId,
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
      filter.contextId ?? null,
      filter.context ?? null,
      filter.event ?? null,
      filter.userId ?? null,
      !filter.onlyUnread,
    ],
  };
}
