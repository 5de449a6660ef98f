import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import type { Role } from '../auth/role.js';
import type { Answer, SharedStatement } from '../database/shared-statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import { Member } from './member.entity.js';

/** Who belongs to an organization, and as what. */
@Injectable()
export class MemberRepository {
  private readonly roles: SharedStatement<FoundRole>;

  constructor(
    @InjectRepository(Member) private readonly members: Repository<Member>,
    private readonly runner: StatementRunner,
  ) {
    this.roles = runner.share(ROLE);
  }

  /** The same, inside a transaction. */
  within(manager: EntityManager): MemberRepository {
    return new MemberRepository(manager.getRepository(Member), this.runner);
  }

  /**
   * The user's role in an organization, as the database has it now.
   *
   * @returns `undefined` when there is no such organization, role `null` when the user is no member of it.
   */
  findRole(organizationId: string, userId: string): Promise<{ role: Role | null } | undefined> {
    return this.roles.ask([organizationId, userId]);
  }

  find(organizationId: string, userId: string): Promise<Member | null> {
    return this.members.findOneBy({ organizationId, userId });
  }

  /** Every membership of an organization, those of soft-deleted users included. */
  list(organizationId?: string): Promise<Member[]> {
    return this.members.findBy(organizationId === undefined ? {} : { organizationId });
  }

  async insert(member: Omit<Member, 'deletedAt'>): Promise<void> {
    await this.members.insert(member);
  }

  async delete(organizationId: string, userId: string): Promise<void> {
    await this.members.delete({ organizationId, userId });
  }

  async setRole(organizationId: string, userId: string, role: Role): Promise<void> {
    await this.members.update({ organizationId, userId }, { role });
  }

  async setDeletedAt(organizationId: string, userId: string, deletedAt: Date | null): Promise<void> {
    await this.members.update({ organizationId, userId }, { deletedAt });
  }
}

interface FoundRole extends Answer {
  readonly role: Role | null;
}

const ROLE = {
  name: 'member-role',
  text: `
    select q.place, m.role
    from unnest($1::uuid[], $2::varchar[]) with ordinality q (organization_id, user_id, place)
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join members m on m.organization_id = o.id and m.user_id = q.user_id and m.deleted_at is null`,
};
