import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import type { Role } from '../auth/role.js';
import type { Operation } from '../history/operation.js';
import type { OperatorOrigin } from '../history/change-origin.js';
import { Member } from '../organization/member.entity.js';
import { Organization } from '../organization/organization.entity.js';
import { ServiceAccount } from '../service-account/service-account.entity.js';
import type { ServiceScope } from '../auth/service-scope.js';
import { User } from '../user/user.entity.js';

/** What an operator's commands read and write. */
@Injectable()
export class AdministrationRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** What `work` does with the repository that it is given is one transaction. */
  transaction(work: (repository: AdministrationRepository) => Promise<void>): Promise<void> {
    return this.manager.transaction((manager) => work(new AdministrationRepository(manager)));
  }

  /** Until the transaction ends, nobody else can make an organization of this domain. */
  lockDomain(domain: string): Promise<void> {
    return this.lock(`organizations.domain ${domain.toLowerCase()}`);
  }

  /** Until the transaction ends, nobody else can make a user or a service account of this id. */
  lockId(id: string): Promise<void> {
    return this.lock(`users.id ${id}`);
  }

  /** Until the transaction ends, nobody else can make a user of this email. */
  lockEmail(email: string): Promise<void> {
    return this.lock(`users.email ${email.toLowerCase()}`);
  }

  findOrganization(id: string): Promise<Organization | null> {
    return this.manager.findOneBy(Organization, { id });
  }

  hasDomain(domain: string): Promise<boolean> {
    return this.manager.existsBy(Organization, { domain: domain.toLowerCase() });
  }

  listOrganizations(): Promise<Organization[]> {
    return this.manager.find(Organization, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Inserts an organization, and keeps in its history that it was made. */
  async insertOrganization(
    organization: Pick<Organization, 'id' | 'name' | 'domain'>,
    { operator, reason }: OperatorOrigin,
  ): Promise<void> {
    const domain = organization.domain?.toLowerCase() ?? null;
    await this.manager.insert(Organization, { ...organization, domain });
    await this.manager.query('select organization_created_2($1::uuid, $2::varchar, $3::varchar)', [
      organization.id,
      operator,
      reason,
    ]);
  }

  findUser(id: string): Promise<User | null> {
    return this.manager.findOneBy(User, { id });
  }

  findUserByEmail(email: string): Promise<User | null> {
    return this.manager.findOneBy(User, { email: email.toLowerCase() });
  }

  listUsers(organizationId?: string): Promise<User[]> {
    return this.manager.find(User, {
      where: organizationId === undefined ? {} : { organizationId },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
  }

  async insertUser(user: Pick<User, 'id' | 'email' | 'name' | 'lastName' | 'organizationId'>): Promise<void> {
    await this.manager.insert(User, { ...user, email: user.email.toLowerCase() });
  }

  /** Soft-deletes or restores a user, and their membership. */
  async setUserDeletedAt(userId: string, organizationId: string | null, deletedAt: Date | null): Promise<void> {
    await this.manager.update(User, { id: userId }, { deletedAt });
    if (organizationId !== null) await this.manager.update(Member, { organizationId, userId }, { deletedAt });
  }

  /**
   * Keeps in the history that a user was changed.
   *
   * @param patch what was changed, as a JSON Patch (RFC 6902); no personal data
   */
  async insertUserChange(
    userId: string,
    organizationId: string | null,
    operation: Operation,
    patch: readonly object[],
    { operator, reason }: OperatorOrigin,
  ): Promise<void> {
    await this.manager.query(
      'select user_changed_2($1::varchar, $2::uuid, $3::varchar, $4::jsonb, $5::varchar, $6::varchar)',
      [userId, organizationId, operation, JSON.stringify(patch), operator, reason],
    );
  }

  /** Erases a soft-deleted user for good, with all that is theirs. */
  async eraseUser(userId: string): Promise<void> {
    await this.manager.query('select erase_user($1::varchar)', [userId]);
  }

  findMember(organizationId: string, userId: string): Promise<Member | null> {
    return this.manager.findOneBy(Member, { organizationId, userId });
  }

  /** Those of soft-deleted users included. */
  listMembers(organizationId?: string): Promise<Member[]> {
    return this.manager.findBy(Member, organizationId === undefined ? {} : { organizationId });
  }

  async insertMember(member: Omit<Member, 'deletedAt'>): Promise<void> {
    await this.manager.insert(Member, member);
  }

  async setRole(organizationId: string, userId: string, role: Role): Promise<void> {
    await this.manager.update(Member, { organizationId, userId }, { role });
  }

  findService(id: string): Promise<ServiceAccount | null> {
    return this.manager.findOneBy(ServiceAccount, { id });
  }

  listServices(): Promise<ServiceAccount[]> {
    return this.manager.find(ServiceAccount, { order: { createdAt: 'ASC', id: 'ASC' } });
  }

  async insertService(service: Omit<ServiceAccount, 'createdAt' | 'deletedAt' | 'rateLimitPerMinute'>): Promise<void> {
    await this.manager.insert(ServiceAccount, service);
  }

  async setScopes(id: string, scopes: ServiceScope[]): Promise<void> {
    await this.manager.update(ServiceAccount, { id }, { scopes });
  }

  async setRateLimit(id: string, rateLimitPerMinute: number | null): Promise<void> {
    await this.manager.update(ServiceAccount, { id }, { rateLimitPerMinute });
  }

  async setServiceDeletedAt(id: string, deletedAt: Date | null): Promise<void> {
    await this.manager.update(ServiceAccount, { id }, { deletedAt });
  }

  private async lock(value: string): Promise<void> {
    await this.manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [value]);
  }
}
