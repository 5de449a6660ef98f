import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isRoleName, Role, type RoleName } from '../auth/role.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { validateDto } from '../common/validation/validate-dto.js';
import { ChangeRepository } from '../history/change.repository.js';
import type { Member } from '../organization/member.entity.js';
import { MemberRepository } from '../organization/member.repository.js';
import type { Organization } from '../organization/organization.entity.js';
import { OrganizationRepository } from '../organization/organization.repository.js';
import { ServiceAccountRepository } from '../service-account/service-account.repository.js';
import { SettingsRepository } from '../settings/settings.repository.js';
import { SystemEventRepository } from '../system-event/system-event.repository.js';
import type { User } from '../user/user.entity.js';
import { UserRepository } from '../user/user.repository.js';
import {
  AlreadyDeletedError,
  AlreadyTakenError,
  NoOrganizationError,
  NotDeletedError,
  UnknownOrganizationError,
  UnknownUserError,
} from './admin.errors.js';
import { CreateOrganizationDto } from './dto/create-organization.dto.js';
import { CreateUserDto, roleProblem } from './dto/create-user.dto.js';
import { ListUsersDto } from './dto/list-users.dto.js';

/** A user together with the role in their organization. */
export type UserWithRole = User & { role: RoleName | null };

/**
 * What an operator does from the command line: makes organizations and users, and says who may do what.
 *
 * Ids, emails and domains are unique, an id also among service accounts, and no id is another user's email. That is checked here, under a lock on the
 * value itself, and for emails and domains not by an index, because a table that is distributed by its owner's id
 * cannot have one (docs/adr/0005).
 */
@Injectable()
export class AdministrationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly users: UserRepository,
    private readonly services: ServiceAccountRepository,
    private readonly members: MemberRepository,
    private readonly organizations: OrganizationRepository,
    private readonly settings: SettingsRepository,
    private readonly events: SystemEventRepository,
    private readonly changes: ChangeRepository,
  ) {}

  /**
   * @throws InvalidInputError
   * @throws AlreadyTakenError
   */
  async createOrganization(plain: Partial<CreateOrganizationDto>): Promise<Organization> {
    const { name, domain } = await validateDto(CreateOrganizationDto, plain);
    const id = randomUUID();
    await this.dataSource.transaction(async (manager) => {
      const organizations = this.organizations.within(manager);
      if (domain !== undefined) {
        await organizations.lockDomain(domain);
        if (await organizations.hasDomain(domain)) throw new AlreadyTakenError('domain', domain);
      }
      await organizations.insert({ id, name, domain: domain ?? null });
      await this.changes.within(manager).insertOrganizationCreated(id);
    });
    return (await this.organizations.findById(id))!;
  }

  /**
   * @throws InvalidInputError
   * @throws AlreadyTakenError
   * @throws UnknownOrganizationError
   */
  async createUser(plain: Partial<CreateUserDto>): Promise<UserWithRole> {
    const dto = await validateDto(CreateUserDto, plain);
    if (dto.role !== undefined && dto.organization === undefined) {
      throw new InvalidInputError('role needs an organization');
    }
    const id = dto.id ?? randomUUID();
    const organizationId = dto.organization?.toLowerCase() ?? null;
    await this.dataSource.transaction(async (manager) => {
      const users = this.users.within(manager);
      await users.lockId(id);
      await users.lockEmail(dto.email);
      if ((await users.findByEmail(dto.email)) ?? (await users.findById(dto.email)))
        throw new AlreadyTakenError('email', dto.email);
      const namesake =
        (await users.findById(id)) ??
        (await users.findByEmail(id)) ??
        (await this.services.within(manager).findById(id));
      if (namesake !== null) throw new AlreadyTakenError('id', id);
      await users.insert({ id, email: dto.email, name: dto.name, lastName: dto.lastName ?? null, organizationId });
      if (organizationId !== null) {
        const organization = await this.organizations.within(manager).findById(organizationId);
        if (organization === null || organization.deletedAt !== null)
          throw new UnknownOrganizationError(organizationId);
        await this.members.within(manager).insert({ organizationId, userId: id, role: Role[dto.role ?? 'USER'] });
      }
      const role = organizationId === null ? null : (dto.role ?? 'USER');
      await this.changes
        .within(manager)
        .insertUserChange(id, organizationId, 'create', [{ op: 'add', path: '/role', value: role }]);
    });
    return this.findUser(id);
  }

  /**
   * @throws UnknownUserError
   * @throws AlreadyDeletedError
   * @throws NoOrganizationError
   * @throws InvalidInputError
   */
  async setRole(idOrEmail: string, role: string): Promise<UserWithRole> {
    if (!isRoleName(role)) throw new InvalidInputError(roleProblem(role));
    const user = await this.findActiveUser(idOrEmail);
    const { id, organizationId } = user;
    if (organizationId === null) throw new NoOrganizationError(id);
    if (user.role === role) return user;
    await this.dataSource.transaction(async (manager) => {
      await this.members.within(manager).setRole(organizationId, id, Role[role]);
      await this.changes
        .within(manager)
        .insertUserChange(id, organizationId, 'set-role', [{ op: 'replace', path: '/role', value: role }]);
    });
    return this.findUser(id);
  }

  /**
   * Soft-deletes a user: from then on they are nobody. Their settings stay, for `restoreUser`.
   *
   * @throws UnknownUserError
   */
  deleteUser(idOrEmail: string): Promise<UserWithRole> {
    return this.setDeletedAt(idOrEmail, new Date());
  }

  /** @throws UnknownUserError */
  restoreUser(idOrEmail: string): Promise<UserWithRole> {
    return this.setDeletedAt(idOrEmail, null);
  }

  /**
   * Erases a soft-deleted user for good: the row with name and email, their membership, settings, history and marks. Of
   * what they changed elsewhere it stays that it was changed, and no longer by whom.
   *
   * @throws UnknownUserError
   * @throws NotDeletedError
   */
  async eraseUser(idOrEmail: string): Promise<{ id: string; isErased: true }> {
    const { id, organizationId, deletedAt } = await this.findUser(idOrEmail);
    if (deletedAt === null) throw new NotDeletedError(id);
    await this.dataSource.transaction(async (manager) => {
      await this.settings.within(manager).eraseUser(id);
      const gone = await this.changes.within(manager).erase(id);
      await this.events.within(manager).erase(id, gone);
      if (organizationId !== null) await this.members.within(manager).delete(organizationId, id);
      await this.users.within(manager).delete(id);
    });
    return { id, isErased: true };
  }

  /** @throws UnknownUserError */
  async findUser(idOrEmail: string): Promise<UserWithRole> {
    const user = (await this.users.findById(idOrEmail)) ?? (await this.users.findByEmail(idOrEmail));
    if (user === null) throw new UnknownUserError(idOrEmail);
    const member = user.organizationId === null ? null : await this.members.find(user.organizationId, user.id);
    return { ...user, role: roleNameOf(member) };
  }

  /**
   * @throws UnknownUserError
   * @throws AlreadyDeletedError
   */
  async findActiveUser(idOrEmail: string): Promise<UserWithRole> {
    const user = await this.findUser(idOrEmail);
    if (user.deletedAt !== null) throw new AlreadyDeletedError('user', user.id);
    return user;
  }

  listOrganizations(): Promise<Organization[]> {
    return this.organizations.list();
  }

  /**
   * @param organizationId absent: the users of every organization and of none
   * @throws InvalidInputError
   * @throws UnknownOrganizationError
   */
  async listUsers(organizationId?: string): Promise<UserWithRole[]> {
    if (organizationId !== undefined) {
      const { organization } = await validateDto(ListUsersDto, { organization: organizationId });
      if ((await this.organizations.findById(organization)) === null) throw new UnknownOrganizationError(organization);
    }
    const [users, members] = await Promise.all([this.users.list(organizationId), this.members.list(organizationId)]);
    const memberOf = new Map(members.map((member) => [member.userId, member]));
    return users.map((user) => ({ ...user, role: roleNameOf(memberOf.get(user.id)) }));
  }

  private async setDeletedAt(idOrEmail: string, deletedAt: Date | null): Promise<UserWithRole> {
    const user = await this.findUser(idOrEmail);
    const { id, organizationId } = user;
    if ((user.deletedAt === null) === (deletedAt === null)) return user;
    await this.dataSource.transaction(async (manager) => {
      await this.users.within(manager).setDeletedAt(id, deletedAt);
      if (organizationId !== null) await this.members.within(manager).setDeletedAt(organizationId, id, deletedAt);
      await this.changes
        .within(manager)
        .insertUserChange(id, organizationId, deletedAt === null ? 'restore' : 'delete', [
          { op: 'replace', path: '/deletedAt', value: deletedAt },
        ]);
    });
    return this.findUser(id);
  }
}

function roleNameOf(member: Member | null | undefined): RoleName | null {
  return member ? (Role[member.role] as RoleName) : null;
}
