import { Injectable } from '@nestjs/common';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { Environment } from '../config/environment.js';
import { arrayLiteral, batchedStatement, statement } from '../database/statement.js';
import type { StatementCalls } from '../database/statement-runner.js';
import { StatementRunner } from '../database/statement-runner.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { Role } from '../auth/role.js';
import type { Member, MemberChange } from './member.js';
import type { Cursor } from './dto/is-cursor.decorator.js';

/** Who acts on which organization, and since when. */
export interface Actor {
  readonly organizationId: string;
  readonly callerType: 'member' | 'service';
  readonly callerId: string;
  /** When the request came to wait, on the clock of `performance.now()`. */
  readonly since: number;
}

/** What `member_list` returns. */
export type ListedMembers =
  | { readonly status: 'found'; readonly total: string; readonly members: Member[] }
  | { readonly status: 'not-a-member' | 'forbidden' };

/** What `member_get` returns. */
export type FoundMember =
  | {
      readonly status: 'found';
      readonly version: string;
      readonly member: Member;
      /** Whether the caller may change them at all. */
      readonly mayChange: boolean;
    }
  | { readonly status: 'no-such-user' | 'of-another-organization' | 'not-a-member' | 'forbidden' };

/** What `member_create` returns. */
export type CreatedMember =
  | { readonly status: 'created'; readonly version: string; readonly member: Member }
  | { readonly status: 'too-many-invitations'; readonly retryAfter: number }
  | { readonly status: 'no-such-organization' | 'forbidden' | 'id-taken' | 'email-taken' };

/** What `member_change` returns. */
export type ChangedMember =
  | {
      readonly status: 'changed' | 'unchanged';
      readonly version: string;
      readonly member: Member;
      readonly previousRole: Role;
    }
  | {
      readonly status: 'precondition-failed';
      readonly version: string;
      readonly madeAt: string | null;
      readonly madeBy: string | null;
    }
  | { readonly status: 'too-many-invitations'; readonly retryAfter: number }
  | {
      readonly status:
        | 'no-such-user'
        | 'of-another-organization'
        | 'forbidden'
        | 'is-caller'
        | 'last-owner'
        | 'not-deleted'
        | 'email-taken'
        | 'already-validated';
    };

export interface NewMember {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly lastName: string;
  readonly role: Role;
  readonly isInvited: boolean;
}

export interface MemberPage {
  readonly showsDeleted: boolean;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/** Keeps the members of organizations. Their changes run as heavy work, because they wait for each other. */
@Injectable()
export class MembersRepository {
  private readonly reads: StatementCalls<typeof FIND, FoundMember>;

  constructor(
    private readonly runner: StatementRunner,
    private readonly environment: Environment,
  ) {
    this.reads = runner.batchReads(FIND);
  }

  async list(actor: Actor, { showsDeleted, after, limit }: MemberPage): Promise<ListedMembers> {
    const [row] = await this.runner.executeHeavy<typeof LIST, ListedMembers>(LIST, {
      ...actor,
      showsDeleted,
      afterEmail: after?.email ?? null,
      afterId: after?.id ?? null,
      limit,
    });
    return row!;
  }

  /** @param rights that the caller must have, as the scopes of service accounts */
  async find(actor: Actor, userId: string, rights: readonly string[]): Promise<FoundMember> {
    return (await this.reads.execute({ ...actor, userId, rights: arrayLiteral(rights) }))!;
  }

  async create(actor: Actor, member: NewMember, { requestId, reason }: ChangeOrigin): Promise<CreatedMember> {
    const [row] = await this.runner.executeHeavy<typeof CREATE, CreatedMember>(CREATE, {
      ...actor,
      ...member,
      ttlDays: this.environment.INVITATION_TTL_DAYS,
      requestId,
      reason,
    });
    return row!;
  }

  async change(
    actor: Actor,
    userId: string,
    change: MemberChange,
    preconditions: Preconditions,
    { requestId, reason }: ChangeOrigin,
  ): Promise<ChangedMember> {
    const [row] = await this.runner.executeHeavy<typeof CHANGE, ChangedMember>(CHANGE, {
      ...actor,
      userId,
      kind: change.kind,
      argument: JSON.stringify(change.kind === 'update' ? change.fields : {}),
      match: preconditions.versionsToMatch(userId),
      noneMatch: preconditions.versionsNotToMatch(userId),
      ttlDays: this.environment.INVITATION_TTL_DAYS,
      requestId,
      reason,
    });
    return row!;
  }
}

const LIST = statement({
  name: 'members',
  parameters: ['organizationId', 'callerType', 'callerId', 'showsDeleted', 'afterEmail', 'afterId', 'limit'],
  text: `
    select l.status, l.total, l.members
    from member_list($1::uuid, $2::text, $3::varchar, $4::boolean, $5::varchar, $6::varchar, $7::integer) l`,
});

const FIND = batchedStatement({
  name: 'member',
  parameters: ['organizationId', 'callerType', 'callerId', 'userId', 'rights'],
  text: `
    select g.status, g.version, g.member, g.may_change as "mayChange"
    from member_get($1::uuid, $2::text, $3::varchar, $4::varchar, $5::text::text[]) g`,
  batchedText: `
    select q.ordinal, g.status, g.version, g.member, g.may_change as "mayChange"
    from unnest($1::uuid[], $2::text[], $3::varchar[], $4::varchar[], $5::text[]) with ordinality q (
      organization_id, caller_type, caller_id, user_id, rights, ordinal)
    cross join lateral member_get(q.organization_id, q.caller_type, q.caller_id, q.user_id, q.rights::text[]) g`,
});

const CREATE = statement({
  name: 'member-create',
  parameters: [
    'organizationId',
    'callerType',
    'callerId',
    'userId',
    'email',
    'name',
    'lastName',
    'role',
    'isInvited',
    'ttlDays',
    'requestId',
    'reason',
    'maxWaitMs',
  ],
  text: `
    select c.status, c.version, c.member, c.retry_after as "retryAfter"
    from member_create(
      $1::uuid, $2::text, $3::varchar, $4::varchar, $5::varchar, $6::varchar, $7::varchar, $8::integer, false,
      $9::boolean, $10::integer, $11::varchar, $12::varchar) c
    where (select set_config('lock_timeout', $13::text, true)) is not null`,
});

const CHANGE = statement({
  name: 'member-change',
  parameters: [
    'organizationId',
    'callerType',
    'callerId',
    'userId',
    'kind',
    'argument',
    'match',
    'noneMatch',
    'ttlDays',
    'requestId',
    'reason',
    'maxWaitMs',
  ],
  text: `
    select c.status, c.version, c.member, c.previous_role as "previousRole", c.retry_after as "retryAfter",
      c.made_at as "madeAt", c.made_by as "madeBy"
    from member_change(
      $1::uuid, $2::text, $3::varchar, $4::varchar, $5::text, $6::jsonb, $7::bigint[], $8::bigint[], false, $9::integer,
      $10::varchar, $11::varchar) c
    where (select set_config('lock_timeout', $12::text, true)) is not null`,
});
