import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import type { Role } from '../auth/role.js';
import type { Answer, QuestionStatement, SharedStatement } from '../database/shared-statement.js';
import { StatementRunner } from '../database/statement-runner.js';
import { Member } from './member.entity.js';

/** What somebody is in an organization that there is. */
export interface FoundRole {
  /** `null` for who is no member. */
  readonly role: Role | null;
  /** Whether it is a service account that is no member. */
  readonly isService: boolean;
}

/** Who belongs to an organization, and as what. */
@Injectable()
export class MemberRepository {
  private readonly roles: SharedStatement<FoundRole & Answer>;

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

  /** As the database has it now; `undefined` when there is no such organization. */
  findRole(organizationId: string, userId: string): Promise<FoundRole | undefined> {
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

const ROLE: QuestionStatement = {
  name: 'member-role',
  question: { organization_id: 'uuid', user_id: 'varchar' },
  text: (q) => `
    select q.place, m.role, m.role is null and exists (
        select from service_accounts sa where sa.id = q.user_id and sa.deleted_at is null
      ) as "isService"
    from ${q}
    join organizations o on o.id = q.organization_id and o.deleted_at is null
    left join members m on m.organization_id = q.organization_id and m.user_id = q.user_id and m.deleted_at is null`,
};
