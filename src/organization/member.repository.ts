import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import type { Role } from '../auth/role.js';
import { ServiceAccount } from '../service-account/service-account.entity.js';
import { Member } from './member.entity.js';
import { Organization } from './organization.entity.js';

/** What somebody is in an organization that there is. */
export interface FoundRole {
  /** `null` for who is no member. */
  readonly role: Role | null;
  /** Whether a service account has their id. */
  readonly isService: boolean;
}

/** Who belongs to an organization, and as what. */
@Injectable()
export class MemberRepository {
  constructor(@InjectRepository(Member) private readonly members: Repository<Member>) {}

  /** The same, inside a transaction. */
  within(manager: EntityManager): MemberRepository {
    return new MemberRepository(manager.getRepository(Member));
  }

  /** As the database has it now; `undefined` when there is no such organization. */
  async findRole(organizationId: string, userId: string): Promise<FoundRole | undefined> {
    const row = await this.members.manager
      .createQueryBuilder(Organization, 'o')
      .select('m.role', 'role')
      .addSelect('s.id is not null', 'isService')
      .leftJoin(Member, 'm', 'm.organization_id = o.id and m.user_id = :userId and m.deleted_at is null', { userId })
      .leftJoin(ServiceAccount, 's', 's.id = :userId and s.deleted_at is null')
      .where('o.id = :organizationId and o.deleted_at is null', { organizationId })
      .getRawOne<FoundRole>();
    return row;
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
