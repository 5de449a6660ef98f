import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isRoleName, Role, type RoleName } from '../auth/role.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { validateDto } from '../common/validation/validate-dto.js';
import { type OperatorOrigin, UNNAMED_OPERATOR } from '../history/change-origin.js';
import type { Member } from '../organization/member.entity.js';
import type { Organization } from '../organization/organization.entity.js';
import type { User } from '../user/user.entity.js';
import {
  AlreadyDeletedError,
  AlreadyTakenError,
  NoOrganizationError,
  NotDeletedError,
  UnknownOrganizationError,
  UnknownUserError,
} from './admin.errors.js';
import { AdministrationRepository } from './administration.repository.js';
import { CreateOrganizationDto } from './dto/create-organization.dto.js';
import { CreateUserDto, roleProblem } from './dto/create-user.dto.js';
import { ListUsersDto } from './dto/list-users.dto.js';

/** A user together with the role in their organization. */
export type UserWithRole = User & { role: RoleName | null };

/**
 * What an operator does from the command line: makes organizations and users, and says who may do what.
 *
 * Ids, emails and domains are unique, an id also among service accounts, and no id is another user's email. That is
 * checked here, under a lock on the value itself, and for emails and domains not by an index, because a table that is
 * distributed by its owner's id cannot have one (docs/adr/0005).
 */
@Injectable()
export class AdministrationService {
  constructor(private readonly repository: AdministrationRepository) {}

  /**
   * @throws InvalidInputError
   * @throws AlreadyTakenError
   */
  async createOrganization(plain: Partial<CreateOrganizationDto>, origin = UNNAMED_OPERATOR): Promise<Organization> {
    const { name, domain } = await validateDto(CreateOrganizationDto, plain);
    const id = randomUUID();
    await this.repository.transaction(async (repository) => {
      if (domain !== undefined) {
        await repository.lockDomain(domain);
        if (await repository.hasDomain(domain)) throw new AlreadyTakenError('domain', domain);
      }
      await repository.insertOrganization({ id, name, domain: domain ?? null }, origin);
    });
    return (await this.repository.findOrganization(id))!;
  }

  /**
   * @throws InvalidInputError
   * @throws AlreadyTakenError
   * @throws UnknownOrganizationError
   */
  async createUser(plain: Partial<CreateUserDto>, origin = UNNAMED_OPERATOR): Promise<UserWithRole> {
    const dto = await validateDto(CreateUserDto, plain);
    if (dto.role !== undefined && dto.organization === undefined) {
      throw new InvalidInputError('role needs an organization');
    }
    const id = dto.id ?? randomUUID();
    const organizationId = dto.organization?.toLowerCase() ?? null;
    await this.repository.transaction(async (repository) => {
      await repository.lockId(id);
      await repository.lockEmail(dto.email);
      if ((await repository.findUserByEmail(dto.email)) ?? (await repository.findUser(dto.email)))
        throw new AlreadyTakenError('email', dto.email);
      const namesake =
        (await repository.findUser(id)) ?? (await repository.findUserByEmail(id)) ?? (await repository.findService(id));
      if (namesake !== null) throw new AlreadyTakenError('id', id);
      await repository.insertUser({
        id,
        email: dto.email,
        name: dto.name,
        lastName: dto.lastName ?? null,
        organizationId,
      });
      if (organizationId !== null) {
        const organization = await repository.findOrganization(organizationId);
        if (organization === null || organization.deletedAt !== null)
          throw new UnknownOrganizationError(organizationId);
        await repository.insertMember({ organizationId, userId: id, role: Role[dto.role ?? 'USER'] });
      }
      const role = organizationId === null ? null : (dto.role ?? 'USER');
      const patch = [{ op: 'add', path: '/role', value: role }];
      await repository.insertUserChange(id, organizationId, 'create', patch, origin);
    });
    return this.findUser(id);
  }

  /**
   * @throws UnknownUserError
   * @throws AlreadyDeletedError
   * @throws NoOrganizationError
   * @throws InvalidInputError
   */
  async setRole(idOrEmail: string, role: string, origin = UNNAMED_OPERATOR): Promise<UserWithRole> {
    if (!isRoleName(role)) throw new InvalidInputError(roleProblem(role));
    const user = await this.findActiveUser(idOrEmail);
    const { id, organizationId } = user;
    if (organizationId === null) throw new NoOrganizationError(id);
    if (user.role === role) return user;
    await this.repository.transaction(async (repository) => {
      await repository.setRole(organizationId, id, Role[role]);
      const patch = [{ op: 'replace', path: '/role', value: role }];
      await repository.insertUserChange(id, organizationId, 'set-role', patch, origin);
    });
    return this.findUser(id);
  }

  /**
   * Soft-deletes a user: from then on they are nobody. Their settings stay, for `restoreUser`.
   *
   * @throws UnknownUserError
   */
  deleteUser(idOrEmail: string, origin = UNNAMED_OPERATOR): Promise<UserWithRole> {
    return this.setDeletedAt(idOrEmail, new Date(), origin);
  }

  /** @throws UnknownUserError */
  restoreUser(idOrEmail: string, origin = UNNAMED_OPERATOR): Promise<UserWithRole> {
    return this.setDeletedAt(idOrEmail, null, origin);
  }

  /**
   * Erases a soft-deleted user for good: the row with name and email, their membership, settings, history and marks. Of
   * what they changed elsewhere it stays that it was changed, and no longer by whom.
   *
   * @throws UnknownUserError
   * @throws NotDeletedError
   */
  async eraseUser(idOrEmail: string): Promise<{ id: string; isErased: true }> {
    const { id, deletedAt } = await this.findUser(idOrEmail);
    if (deletedAt === null) throw new NotDeletedError(id);
    await this.repository.eraseUser(id);
    return { id, isErased: true };
  }

  /** @throws UnknownUserError */
  async findUser(idOrEmail: string): Promise<UserWithRole> {
    const user = (await this.repository.findUser(idOrEmail)) ?? (await this.repository.findUserByEmail(idOrEmail));
    if (user === null) throw new UnknownUserError(idOrEmail);
    const member = user.organizationId === null ? null : await this.repository.findMember(user.organizationId, user.id);
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
    return this.repository.listOrganizations();
  }

  /**
   * @param organizationId absent: the users of every organization and of none
   * @throws InvalidInputError
   * @throws UnknownOrganizationError
   */
  async listUsers(organizationId?: string): Promise<UserWithRole[]> {
    if (organizationId !== undefined) {
      const { organization } = await validateDto(ListUsersDto, { organization: organizationId });
      if ((await this.repository.findOrganization(organization)) === null)
        throw new UnknownOrganizationError(organization);
    }
    const [users, members] = await Promise.all([
      this.repository.listUsers(organizationId),
      this.repository.listMembers(organizationId),
    ]);
    const memberOf = new Map(members.map((member) => [member.userId, member]));
    return users.map((user) => ({ ...user, role: roleNameOf(memberOf.get(user.id)) }));
  }

  private async setDeletedAt(idOrEmail: string, deletedAt: Date | null, origin: OperatorOrigin): Promise<UserWithRole> {
    const user = await this.findUser(idOrEmail);
    const { id, organizationId } = user;
    if ((user.deletedAt === null) === (deletedAt === null)) return user;
    await this.repository.transaction(async (repository) => {
      await repository.setUserDeletedAt(id, organizationId, deletedAt);
      const operation = deletedAt === null ? 'restore' : 'delete';
      const patch = [{ op: 'replace', path: '/deletedAt', value: deletedAt }];
      await repository.insertUserChange(id, organizationId, operation, patch, origin);
    });
    return this.findUser(id);
  }
}

function roleNameOf(member: Member | null | undefined): RoleName | null {
  return member ? (Role[member.role] as RoleName) : null;
}
