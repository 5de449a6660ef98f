import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

export interface InvitationKey {
  readonly organizationId: string;
  readonly id: string;
}

/** An invitation as it stands when it is to be delivered. */
export interface ClaimedInvitation extends InvitationKey {
  /** Which attempt this is, from 1 on. */
  readonly attempts: number;
  readonly invitedAt: Date;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly lastName: string | null;
  readonly organizationName: string;
  /** `null` for an operator, and for who was erased since. */
  readonly inviterId: string | null;
  readonly inviterEmail: string | null;
}

/** `dropped`: nothing is to be delivered any more; `failed`: there is no time left; `held`: somebody else has it. */
export type Claim = (ClaimedInvitation & { readonly status: 'claimed' }) | { readonly status: Unclaimed };
type Unclaimed = 'dropped' | 'failed' | 'held';

/** How an attempt ended. */
export type Ending =
  | { readonly isDelivered: true }
  | { readonly isDelivered: false; readonly error: string | null; readonly delaySeconds: number };

/** An invitation that was not delivered, as operators see it. */
export interface UndeliveredInvitation extends InvitationKey {
  readonly userId: string;
  readonly status: 'failed' | 'waiting';
  readonly invitedAt: Date;
  readonly attempts: number;
  readonly failedAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly lastError: string | null;
}

/** How many organizations are looked up at a time, to prune their invitations. */
const ORGANIZATIONS_AT_ONCE = 1000;

/** How many invitations one call of prune_invitations deletes at most. */
const INVITATIONS_AT_ONCE = 1000;

/** Reads the invitations that are kept, and keeps what becomes of them. */
@Injectable()
export class InvitationRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Invitations whose time has come, one of each organization: those of whom the least runs first.
   *
   * @param running the organization of each delivery that runs
   * @param maxRunning who has so many gets no more
   */
  findDue(limit: number, running: readonly string[], maxRunning: number): Promise<InvitationKey[]> {
    return this.dataSource.query(FIND_DUE, [limit, running, maxRunning, MAX_LOOKED_AT]);
  }

  /** Claims an invitation, so that nobody else delivers it for so long. */
  async claim(key: InvitationKey, leaseSeconds: number): Promise<Claim> {
    const { organizationId, id } = key;
    const [row] = await this.dataSource.query<[Omit<ClaimedInvitation, 'id'> & { status: Claim['status'] | null }]>(
      CLAIM,
      [organizationId, id, leaseSeconds],
    );
    const { status } = row;
    return status === 'claimed' ? { ...row, ...key, status } : { status: status ?? 'held' };
  }

  async settle({ organizationId, id, attempts }: ClaimedInvitation, ending: Ending): Promise<void> {
    const { error, delaySeconds } = ending.isDelivered ? { error: null, delaySeconds: 0 } : ending;
    await this.dataSource.query(SETTLE, [organizationId, id, attempts, ending.isDelivered, error, delaySeconds]);
  }

  /** How many wait to be delivered, and since when the oldest one, in seconds. */
  async readQueue(): Promise<{ waiting: number; oldestSeconds: number }> {
    const [queue] = await this.dataSource.query<[{ waiting: number; oldestSeconds: number }]>(READ_QUEUE);
    return queue;
  }

  /**
   * The newest ones first, of one organization or, for `null`, of all.
   *
   * @param withWaiting also those that may still be delivered
   */
  findUndelivered(
    organizationId: string | null,
    withWaiting: boolean,
    limit: number,
  ): Promise<UndeliveredInvitation[]> {
    return this.dataSource.query(FIND_UNDELIVERED, [organizationId, withWaiting, limit]);
  }

  /** Deletes those older than so many days. @returns how many */
  async prune(days: number): Promise<number> {
    let deleted = 0;
    for (let after: string | null = null; ;) {
      const owners: { id: string }[] = await this.dataSource.query(FIND_PRUNABLE, [after, days, ORGANIZATIONS_AT_ONCE]);
      for (const { id } of owners) {
        for (let batch = INVITATIONS_AT_ONCE; batch === INVITATIONS_AT_ONCE; deleted += batch) {
          const [row] = await this.dataSource.query<[{ pruned: number }]>(PRUNE, [id, days]);
          batch = row.pruned;
        }
      }
      if (owners.length < ORGANIZATIONS_AT_ONCE) return deleted;
      after = owners.at(-1)!.id;
    }
  }
}

/** Organizations are looked for among so many invitations: several times what one of them may have. */
const MAX_LOOKED_AT = 10_000;

const FIND_DUE = `
  select f.organization_id as "organizationId", f.id
  from (
    select distinct on (d.organization_id) d.organization_id, d.id, d.next_attempt_at,
      cardinality(array_positions($2::uuid[], d.organization_id)) as running
    from (
      select i.organization_id, i.id, i.next_attempt_at from invitations i
      where i.next_attempt_at <= now() order by i.next_attempt_at limit $4::integer
    ) d
    order by d.organization_id, d.next_attempt_at
  ) f
  where f.running < $3::integer
  order by f.running, f.next_attempt_at limit $1::integer`;

const CLAIM = `
  select c.status, c.attempts, c.invited_at as "invitedAt", c.user_id as "userId", c.email, c.name,
    c.last_name as "lastName", c.organization_name as "organizationName", c.inviter_id as "inviterId",
    c.inviter_email as "inviterEmail"
  from invitation_claim($1::uuid, $2::uuid, $3::integer) c`;

const SETTLE = `
  select invitation_settle($1::uuid, $2::uuid, $3::integer, $4::boolean, $5::varchar, $6::double precision)`;

const READ_QUEUE = `
  select count(*)::integer as waiting,
    coalesce(extract(epoch from now() - min(i.invited_at)), 0)::double precision as "oldestSeconds"
  from invitations i where i.next_attempt_at is not null`;

const FIND_UNDELIVERED = `
  select i.organization_id as "organizationId", i.id, i.user_id as "userId",
    case when i.failed_at is not null then 'failed' else 'waiting' end as status, i.invited_at as "invitedAt",
    i.attempts, i.failed_at as "failedAt", i.next_attempt_at as "nextAttemptAt", i.last_error as "lastError"
  from invitations i
  where (i.failed_at is not null or $2::boolean and i.next_attempt_at is not null)
    and ($1::uuid is null or i.organization_id = $1::uuid)
  order by i.invited_at desc, i.id limit $3::integer`;

const FIND_PRUNABLE = `
  select distinct i.organization_id as id from invitations i
  where ($1::uuid is null or i.organization_id > $1::uuid) and i.invited_at < now() - make_interval(days => $2::integer)
  order by 1 limit $3::integer`;

const PRUNE = 'select prune_invitations($1::uuid, $2::integer) as pruned';
