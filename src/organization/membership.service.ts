import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Role } from '../auth/role.js';
import { UserRepository } from '../user/user.repository.js';
import { type FoundRole, MemberRepository } from './member.repository.js';
import { isOrganizationId } from './organization-id.js';
import { NotAssociatedError, OrganizationNotFoundError } from './organization.errors.js';

export interface Membership {
  readonly organizationId: string;
  readonly role: Role;
}

/** How many memberships an instance remembers; each takes about 200 bytes. */
const REMEMBERED_MEMBERSHIPS = 100_000;

/**
 * Finds out which organization a user belongs to, and as what.
 *
 * What it remembers is a hint: it may let a request pass on to the statement that checks membership and role again in
 * the database, and is never a reason to refuse.
 */
@Injectable()
export class MembershipService {
  private readonly remembered = new LRUCache<string, Membership>({ max: REMEMBERED_MEMBERSHIPS });

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
  async find(userId: string): Promise<Membership> {
    const membership = await this.lookUp(userId);
    if (!membership) throw new NotAssociatedError();
    return membership;
  }

  /** The same for whom it is no error to have none (`undefined`), or to be no user at all (`null`). */
  async lookUp(userId: string): Promise<Membership | null | undefined> {
    this.forget(userId);
    const organizationId = await this.users.findOrganizationId(userId);
    if (!organizationId) return organizationId === null ? null : undefined;
    const found = await this.members.findRole(organizationId, userId);
    if (found === undefined || found.role === null) return undefined;
    const membership = { organizationId, role: found.role };
    this.remembered.set(userId, membership);
    return membership;
  }

  /**
   * What somebody is in one organization, as the database has it now.
   *
   * @throws OrganizationNotFoundError also for an id that is not a UUID
   */
  async findRole(organizationId: string, userId: string): Promise<FoundRole> {
    const found = isOrganizationId(organizationId) ? await this.members.findRole(organizationId, userId) : undefined;
    if (found === undefined) throw new OrganizationNotFoundError();
    if (found.role !== null) {
      this.remembered.set(userId, { organizationId: organizationId.toLowerCase(), role: found.role });
    }
    return found;
  }

  /**
   * Runs a statement on the user's organization. It is tried where the hint points and, when it finds no membership
   * there, once more where the database says.
   *
   * @param attempt resolves to `undefined` when the user is no member of that organization
   * @throws NotAssociatedError
   */
  async within<Result>(
    userId: string,
    attempt: (organizationId: string) => Promise<Result | undefined>,
  ): Promise<Result> {
    const hint = this.recall(userId);
    const hinted = hint && (await attempt(hint.organizationId));
    if (hinted !== undefined) return hinted;
    const { organizationId } = await this.find(userId);
    const found = await attempt(organizationId);
    if (found === undefined) throw new NotAssociatedError();
    return found;
  }
}
