import { Injectable } from '@nestjs/common';
import type { Role } from '../auth/role.js';
import { batchedStatement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';

/** A user's role in an existing organization. */
export type FoundRole =
  | { readonly status: 'member'; readonly role: Role }
  /** Nobody's, or that of a service account, which is no member. */
  | { readonly status: 'stranger' | 'service' }
  | { readonly status: 'no-such-organization' };

/** Reads who belongs to an organization, and in which role. */
@Injectable()
export class MemberRepository {
  private readonly roles: StatementCalls<typeof FIND_ROLE, FoundRole>;

  constructor(runner: StatementRunner) {
    this.roles = runner.batchReads(FIND_ROLE);
  }

  async findRole(organizationId: string, userId: string, since: number): Promise<FoundRole> {
    return (await this.roles.execute({ organizationId, userId, since })) ?? { status: 'no-such-organization' };
  }
}

const FIND_ROLE = batchedStatement({
  name: 'member-role',
  parameters: ['organizationId', 'userId'],
  text: `
    select m.role, case when m.role is not null then 'member' when a.id is not null then 'service' else 'stranger' end as status
    from organizations o
    left join members m on m.organization_id = $1::uuid and m.user_id = $2::varchar and m.deleted_at is null
    left join service_accounts a on a.id = $2::varchar and a.deleted_at is null
    where o.id = $1::uuid and o.deleted_at is null`,
  batchedText: `
    select q.ordinal, m.role,
      case when m.role is not null then 'member' when a.id is not null then 'service' else 'stranger' end as status
    from unnest($1::uuid[], $2::varchar[]) with ordinality q (organization_id, user_id, ordinal)
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join members m on m.organization_id = q.organization_id and m.user_id = q.user_id and m.deleted_at is null
    left join service_accounts a on a.id = q.user_id and a.deleted_at is null`,
});
