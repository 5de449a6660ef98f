import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isRoleName, Role, type RoleName } from '../auth/role.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { validateDto } from '../common/validation/validate-dto.js';
import { ChangeContext } from '../history/change-context.js';
import { type OperatorOrigin, UNNAMED_OPERATOR } from '../history/change-origin.js';
import { InvitationRepository, type UndeliveredInvitation } from '../invitation/invitation.repository.js';
import type { Member } from '../organization/member.entity.js';
import type { Organization } from '../organization/organization.entity.js';
import type { User } from '../user/user.entity.js';
import { UserRepository } from '../user/user.repository.js';
import {
  type AdminError,
  AlreadyDeletedError,
  AlreadyTakenError,
  LastOwnerError,
  NoOrganizationError,
  NotDeletedError,
  UnknownOrganizationError,
  UnknownUserError,
} from './admin.errors.js';
import { AdministrationRepository, type CreatedStatus, type NewUser } from './administration.repository.js';
import { CreateOrganizationDto } from './dto/create-organization.dto.js';
import { CreateUserDto, roleProblem } from './dto/create-user.dto.js';
import { ListUsersDto } from './dto/list-users.dto.js';
import { SetEmailDto } from './dto/set-email.dto.js';

/** A row of a file, by the line that it begins on. */
export interface ImportedRow {
  readonly line: number;
  readonly values: Partial<CreateUserDto>;
  /** What is wrong with the row itself. */
  readonly problem?: string;
}

export interface RefusedRow {
  readonly line: number;
  readonly email: string | null;
  readonly problem: string;
}

export interface ImportReport {
  readonly imported: number;
  readonly refused: readonly RefusedRow[];
}

/** A user together with the role in their organization. */
export type UserWithRole = User & { role: RoleName | null };

/** How many invitations are listed. */
const MAX_INVITATIONS = 10_000;

/**
 * What an operator does from the command line: makes organizations and users, and says who may do what.
 *
 * Ids, emails and domains are unique, an id also among service accounts, and no id is another user's email. Who holds
 * an email is recorded in a row of its own. The rest is checked here, under a lock on the value itself, because a table
 * that is distributed by its owner's id can have no other unique index (docs/adr/0005).
 */
@Injectable()
export class AdministrationService {
  constructor(
    private readonly repository: AdministrationRepository,
    private readonly invitations: InvitationRepository,
    private readonly users: UserRepository,
    private readonly environment: Environment,
  ) {}

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
    const user = await newUserOf(plain);
    await this.repository.transaction(async (repository) => {
      if ((await repository.findUser(user.email)) !== null) throw new AlreadyTakenError('email', user.email);
      if (plain.id !== undefined) {
        await repository.lockId(user.id);
        if ((await repository.findUserByEmail(user.id)) !== null) throw new AlreadyTakenError('id', user.id);
      }
      const problem = problemOf(user, await repository.createUser(user, origin));
      if (problem !== undefined) throw problem;
    });
    return this.findUser(user.id);
  }

  /**
   * @param isForced whether the last owner of an organization may go, too
   * @throws UnknownUserError
   * @throws AlreadyDeletedError
   * @throws NoOrganizationError
   * @throws LastOwnerError
   * @throws InvalidInputError
   */
  async setRole(idOrEmail: string, role: string, origin = UNNAMED_OPERATOR, isForced = false): Promise<UserWithRole> {
    if (!isRoleName(role)) throw new InvalidInputError(roleProblem(role));
    const user = await this.findActiveUser(idOrEmail);
    if (user.organizationId === null) throw new NoOrganizationError(user.id);
    return this.change(user, 'update', { role: Role[role] }, isForced, origin);
  }

  /**
   * Soft-deletes a user: from then on they are nobody. Their settings stay, for `restoreUser`.
   *
   * @param isForced whether the last owner of an organization may go, too
   * @throws UnknownUserError
   * @throws LastOwnerError
   */
  async deleteUser(idOrEmail: string, origin = UNNAMED_OPERATOR, isForced = false): Promise<UserWithRole> {
    return this.change(await this.findUser(idOrEmail), 'delete', {}, isForced, origin);
  }

  /**
   * @throws UnknownUserError
   * @throws AlreadyTakenError when the email is another user's by now
   */
  async restoreUser(idOrEmail: string, origin = UNNAMED_OPERATOR): Promise<UserWithRole> {
    return this.change(await this.findUser(idOrEmail), 'restore', {}, false, origin);
  }

  /**
   * Moves a user to another organization; settings and history stay theirs.
   *
   * @param isForced whether the last owner of an organization may go, too
   * @throws InvalidInputError
   * @throws UnknownUserError
   * @throws UnknownOrganizationError
   * @throws AlreadyDeletedError
   * @throws LastOwnerError
   */
  async moveUser(
    idOrEmail: string,
    plain: { organization: string; role: string },
    origin = UNNAMED_OPERATOR,
    isForced = false,
  ): Promise<UserWithRole> {
    if (!isRoleName(plain.role)) throw new InvalidInputError(roleProblem(plain.role));
    const { organization } = await validateDto(ListUsersDto, plain);
    const { id } = await this.findUser(idOrEmail);
    const status = await this.repository.moveUser(id, organization, Role[plain.role], isForced, origin);
    switch (status) {
      case 'changed':
      case 'unchanged':
        return this.findUser(id);
      case 'no-such-user':
        throw new UnknownUserError(idOrEmail);
      case 'deleted':
        throw new AlreadyDeletedError('user', id);
      case 'no-such-organization':
        throw new UnknownOrganizationError(organization);
      case 'last-owner':
        throw new LastOwnerError(id);
    }
  }

  /**
   * @throws InvalidInputError
   * @throws UnknownUserError
   * @throws AlreadyTakenError
   */
  async setEmail(idOrEmail: string, plain: { email: string }, origin = UNNAMED_OPERATOR): Promise<UserWithRole> {
    const { email } = await validateDto(SetEmailDto, plain);
    const { id } = await this.findUser(idOrEmail);
    const namesake = await this.repository.findUser(email);
    if (namesake !== null && namesake.id !== id) throw new AlreadyTakenError('email', email);
    const status = await this.repository.setEmail(id, email, origin);
    if (status === 'no-such-user') throw new UnknownUserError(idOrEmail);
    if (status === 'email-taken') throw new AlreadyTakenError('email', email);
    return this.findUser(id);
  }

  /**
   * Makes many users. A row that is refused keeps no other from being made, unless all are to be made or none.
   */
  async importUsers(
    rows: readonly ImportedRow[],
    { isAtomic = false, origin = UNNAMED_OPERATOR } = {},
  ): Promise<ImportReport> {
    const refused: RefusedRow[] = [];
    const refuse = ({ line, values }: ImportedRow, problem: string) =>
      refused.push({ line, email: values.email ?? null, problem });
    const users: { row: ImportedRow; user: NewUser }[] = [];
    for (const row of rows) {
      try {
        if (row.problem !== undefined) throw new InvalidInputError(row.problem);
        users.push({ row, user: await newUserOf(row.values) });
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        refuse(row, error.detail);
      }
    }
    const importAll = async (repository: AdministrationRepository) => {
      const ids = await repository.findIds(users.map(({ user }) => user.email));
      const emails = await repository.findEmails(users.flatMap(({ row }) => row.values.id ?? []));
      for (const { row, user } of users) {
        let problem: AdminError | undefined;
        if (ids.has(user.email)) problem = new AlreadyTakenError('email', user.email);
        else if (emails.has(user.id)) problem = new AlreadyTakenError('id', user.id);
        else problem = problemOf(user, await repository.createUser(user, origin));
        if (problem !== undefined) refuse(row, problem.message);
      }
      if (isAtomic && refused.length > 0) throw new NothingImported();
    };
    try {
      await (isAtomic ? this.repository.transaction(importAll) : importAll(this.repository));
    } catch (error) {
      if (!(error instanceof NothingImported)) throw error;
      return { imported: 0, refused: inOrder(refused) };
    }
    return { imported: rows.length - refused.length, refused: inOrder(refused) };
  }

  /**
   * Erases a soft-deleted user for good: the row with name and email, their membership, settings, history and marks. Of
   * what they changed elsewhere, the history keeps that it was changed, but no longer by whom. It also keeps that a
   * user was erased, but not which one.
   *
   * @throws UnknownUserError
   * @throws NotDeletedError
   */
  async eraseUser(idOrEmail: string, origin = UNNAMED_OPERATOR): Promise<{ id: string; isErased: true }> {
    const { id, organizationId } = await this.findUser(idOrEmail);
    await this.repository.transaction(async (repository) => {
      if (!(await repository.eraseUser(id))) throw new NotDeletedError(id);
      const erasure = {
        context: ChangeContext.USER,
        contextId: null,
        organizationId,
        operation: 'erase',
        patch: [],
      } as const;
      await repository.insertOperatorChange(erasure, origin);
    });
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
    if (organizationId !== undefined) await this.requireOrganization(organizationId);
    const [users, members] = await Promise.all([
      this.repository.listUsers(organizationId),
      this.repository.listMembers(organizationId),
    ]);
    const memberOf = new Map(members.map((member) => [member.userId, member]));
    return users.map((user) => ({ ...user, role: roleNameOf(memberOf.get(user.id)) }));
  }

  /**
   * The newest invitations that failed for good, and those that wait to be delivered, if any are. At most 10,000.
   *
   * @throws InvalidInputError
   * @throws UnknownOrganizationError
   */
  async listInvitations(organizationId?: string): Promise<(UndeliveredInvitation & { email: string | null })[]> {
    if (organizationId !== undefined) await this.requireOrganization(organizationId);
    const isDelivering = this.environment.invitationReceiver !== undefined;
    const found = await this.invitations.findUndelivered(organizationId ?? null, isDelivering, MAX_INVITATIONS);
    const userIds = found.map(({ userId }) => userId);
    const users = await this.users.findNames(userIds, performance.now());
    return found.map((invitation) => ({ ...invitation, email: users.get(invitation.userId)?.email ?? null }));
  }

  private async requireOrganization(id: string): Promise<void> {
    const { organization } = await validateDto(ListUsersDto, { organization: id });
    if ((await this.repository.findOrganization(organization)) === null) {
      throw new UnknownOrganizationError(organization);
    }
  }

  private async change(
    user: User,
    kind: 'update' | 'delete' | 'restore',
    fields: { readonly role?: Role },
    isForced: boolean,
    origin: OperatorOrigin,
  ): Promise<UserWithRole> {
    const status = await this.repository.changeUser(user, kind, fields, isForced, origin);
    switch (status) {
      case 'changed':
      case 'unchanged':
      case 'not-deleted':
        return this.findUser(user.id);
      case 'of-another-organization': // They were moved since they were looked up.
      case 'no-such-user':
        throw new UnknownUserError(user.id);
      case 'last-owner':
        throw new LastOwnerError(user.id);
      case 'email-taken':
        throw new AlreadyTakenError('email', user.email);
    }
  }
}

/** @throws InvalidInputError */
async function newUserOf(plain: Partial<CreateUserDto>): Promise<NewUser> {
  const { id, email, name, lastName, organization, role } = await validateDto(CreateUserDto, plain);
  if (role !== undefined && organization === undefined) throw new InvalidInputError('role needs an organization');
  return {
    id: id ?? randomUUID(),
    email,
    name,
    lastName: lastName ?? null,
    organizationId: organization?.toLowerCase() ?? null,
    role: Role[role ?? 'USER'],
  };
}

/** Why a user was not made; `undefined` when they were. */
function problemOf(user: NewUser, status: CreatedStatus): AdminError | undefined {
  switch (status) {
    case 'created':
      return undefined;
    case 'no-such-organization':
      return new UnknownOrganizationError(user.organizationId!);
    case 'id-taken':
      return new AlreadyTakenError('id', user.id);
    case 'email-taken':
      return new AlreadyTakenError('email', user.email);
  }
}

/** Thrown to roll a transaction back. */
class NothingImported extends Error {}

function inOrder(refused: RefusedRow[]): RefusedRow[] {
  return refused.sort((a, b) => a.line - b.line);
}

function roleNameOf(member: Member | null | undefined): RoleName | null {
  return member ? (Role[member.role] as RoleName) : null;
}
