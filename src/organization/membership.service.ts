import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../common/at-most.js';
import type { Role } from '../auth/role.js';
import { UserRepository } from '../user/user.repository.js';
import { type FoundRole, MemberRepository } from './member.repository.js';
import { isOrganizationId } from './organization-id.js';
import { NotAssociatedError, OrganizationNotFoundError } from './organization.errors.js';

export interface Membership {
  readonly organizationId: string;
  readonly role: Role;
}

export type FoundMembership =
  | ({ readonly status: 'member' } & Membership)
  /** A user without an organization, or one who is soft-deleted. */
  | { readonly status: 'no-member' }
  | { readonly status: 'no-such-user' };

/** How many memberships an instance remembers; each takes about 200 bytes. */
const REMEMBERED_MEMBERSHIPS = 100_000;

/**
 * Finds out which organization a user belongs to, and in which role.
 *
 * What it remembers is a hint: it may let a request pass on to the statement that checks membership and role again in
 * the database, and is never a reason to refuse.
 *
 * `since` is when the request came to wait, on the clock of `performance.now()`.
 */
@Injectable()
export class MembershipService {
  private readonly remembered = new LRUCache<string, Membership>(atMost(REMEMBERED_MEMBERSHIPS));

  constructor(
    private readonly users: UserRepository,
    private readonly members: MemberRepository,
  ) {}

  /** The hint, where there is one. */
  recall(userId: string): Membership | undefined {
    return this.remembered.get(userId);
  }

  /** To be called when the database said otherwise. */
  forget(userId: string): void {
    this.remembered.delete(userId);
  }

  /**
   * The user's membership, as the database has it now.
   *
   * @throws NotAssociatedError
   */
  async find(userId: string, since: number): Promise<Membership> {
    const found = await this.lookUp(userId, since);
    if (found.status !== 'member') throw new NotAssociatedError();
    return found;
  }

  /** The same for callers who may have none, or be no users at all. */
  async lookUp(userId: string, since: number): Promise<FoundMembership> {
    this.forget(userId);
    const user = await this.users.find(userId, since);
    if (user.status === 'no-such-user') return { status: 'no-such-user' };
    if (user.status === 'deleted' || user.organizationId === null) return { status: 'no-member' };
    const found = await this.members.findRole(user.organizationId, userId, since);
    if (found.status !== 'member') return { status: 'no-member' };
    const membership = { organizationId: user.organizationId, role: found.role };
    this.remembered.set(userId, membership);
    return { status: 'member', ...membership };
  }

  /**
   * A user's role in one organization, as the database has it now.
   *
   * @throws OrganizationNotFoundError also for an id that is not a UUID
   */
  async findRole(
    organizationId: string,
    userId: string,
    since: number,
  ): Promise<Exclude<FoundRole, { status: 'no-such-organization' }>> {
    if (!isOrganizationId(organizationId)) throw new OrganizationNotFoundError();
    const found = await this.members.findRole(organizationId, userId, since);
    if (found.status === 'no-such-organization') throw new OrganizationNotFoundError();
    if (found.status === 'member') {
      this.remembered.set(userId, { organizationId: organizationId.toLowerCase(), role: found.role });
    }
    return found;
  }
}
