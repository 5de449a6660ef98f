import { Injectable } from '@nestjs/common';
import type { Role } from '../auth/role.js';
import { batchedStatement } from '../database/statement.js';
import { type StatementCalls, StatementRunner } from '../database/statement-runner.js';

interface FoundUser {
  readonly id: string;
  readonly name: string;
  readonly lastName: string | null;
  readonly email: string;
  readonly validated: boolean;
  readonly organizationId: string | null;
}

interface FoundMembership {
  readonly orgRole: Role;
  readonly mfaRequired: boolean;
  readonly isBusiness: boolean;
}

/** Reads what users may know of themselves. */
@Injectable()
export class UserProfileRepository {
  private readonly users: StatementCalls<typeof FIND_USER, FoundUser>;
  private readonly memberships: StatementCalls<typeof FIND_MEMBERSHIP, FoundMembership>;

  constructor(runner: StatementRunner) {
    this.users = runner.batchReads(FIND_USER);
    this.memberships = runner.batchReads(FIND_MEMBERSHIP);
  }

  /** Unless they are soft-deleted. */
  async findUser(userId: string, since: number): Promise<FoundUser | undefined> {
    const row = await this.users.execute({ userId, since });
    return (
      row && {
        id: row.id,
        name: row.name,
        lastName: row.lastName,
        email: row.email,
        validated: row.validated,
        organizationId: row.organizationId,
      }
    );
  }

  /** Unless the membership, or the organization, is soft-deleted. */
  async findMembership(organizationId: string, userId: string, since: number): Promise<FoundMembership | undefined> {
    const row = await this.memberships.execute({ organizationId, userId, since });
    return row && { orgRole: row.orgRole, mfaRequired: row.mfaRequired, isBusiness: row.isBusiness };
  }
}

const FIND_USER = batchedStatement({
  name: 'user-profile',
  parameters: ['userId'],
  text: `
    select u.id, u.name, u.last_name as "lastName", u.email, u.validated, u.organization_id as "organizationId"
    from users u where u.id = $1::varchar and u.deleted_at is null`,
  batchedText: `
    select q.ordinal, u.id, u.name, u.last_name as "lastName", u.email, u.validated,
      u.organization_id as "organizationId"
    from unnest($1::varchar[]) with ordinality q (id, ordinal) join users u on u.id = q.id and u.deleted_at is null`,
});

const FIND_MEMBERSHIP = batchedStatement({
  name: 'user-profile-membership',
  parameters: ['organizationId', 'userId'],
  text: `
    select m.role as "orgRole", o.mfa_enforced as "mfaRequired", o.is_business as "isBusiness"
    from organizations o
    join members m on m.organization_id = $1::uuid and m.user_id = $2::varchar and m.deleted_at is null
    where o.id = $1::uuid and o.deleted_at is null`,
  batchedText: `
    select q.ordinal, m.role as "orgRole", o.mfa_enforced as "mfaRequired", o.is_business as "isBusiness"
    from unnest($1::uuid[], $2::varchar[]) with ordinality q (organization_id, user_id, ordinal)
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    join members m on m.organization_id = q.organization_id and m.user_id = q.user_id and m.deleted_at is null`,
});
