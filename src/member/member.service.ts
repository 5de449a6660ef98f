import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError, PreconditionFailedError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { Role } from '../auth/role.js';
import { isUserId, PROFILE } from '../auth/principal.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { Caller } from '../organization/caller.js';
import { MembershipService } from '../organization/membership.service.js';
import { identityOf } from '../organization/organization.repository.js';
import { UserNotFoundError } from '../user/user.errors.js';
import type { MemberTarget } from './member.access.js';
import type { CreateMemberDto } from './dto/create-member.dto.js';
import type { Member, MemberChange } from './member.js';
import {
  EmailTakenError,
  InvalidRoleError,
  LastOwnerError,
  type MemberAction,
  MemberPermissionError,
  TooManyInvitationsError,
} from './member.errors.js';
import { type Actor, type MemberPage, MembersRepository } from './members.repository.js';
import { TakenEmails } from './taken-emails.js';

/** A member with the entity tag of their version. */
export interface CurrentMember {
  readonly entityTag: string;
  readonly member: Member;
}

export interface ChangedRole extends CurrentMember {
  readonly previousRole: Role;
}

/** Reads and changes the members of an organization on behalf of one of them, or of a service account. */
@Injectable()
export class MemberService {
  constructor(
    private readonly members: MembersRepository,
    private readonly memberships: MembershipService,
    private readonly takenEmails: TakenEmails,
    private readonly environment: Environment,
  ) {}

  /** @throws MemberPermissionError */
  async list(caller: Caller, page: MemberPage): Promise<{ total: number; members: Member[] }> {
    const listed = await this.onOrganization(caller, (actor) => this.members.list(actor, page));
    if (listed.status !== 'found') throw this.refusal('view users');
    return { total: Number(listed.total), members: listed.members };
  }

  /**
   * @param rights that a member must have, as the scopes of service accounts; a service has those of its request
   * @throws MemberPermissionError
   * @throws UserNotFoundError
   * @throws PreconditionFailedError
   */
  async get(
    caller: Caller,
    userId: string,
    rights: readonly string[],
    preconditions: Preconditions,
    refuseForeigner = () => this.refusalOfForeigner('view users'),
  ): Promise<CurrentMember & { isKnown: boolean }> {
    if (!isMemberId(userId)) throw new UserNotFoundError();
    const needed = caller.kind === 'service' ? caller.scopes : rights;
    const found = await this.onOrganization(caller, (actor) => this.members.find(actor, userId, needed));
    switch (found.status) {
      case 'found': {
        const entityTag = entityTagOf(userId, found.version);
        const outcome = preconditions.allowRead(userId, found.version);
        if (outcome === 'failed') throw new PreconditionFailedError(entityTag);
        return { entityTag, member: found.member, isKnown: outcome === 'not-modified' };
      }
      case 'no-such-user':
        throw new UserNotFoundError();
      case 'of-another-organization':
        throw refuseForeigner();
      case 'not-a-member':
      case 'forbidden':
        throw this.refusal('view users');
    }
  }

  /**
   * The same for any member; what a foreign user is, none of them hears.
   *
   * @throws MemberPermissionError
   * @throws UserNotFoundError also for a user of another organization
   * @throws PreconditionFailedError
   */
  async getColleague(caller: Caller, userId: string, preconditions: Preconditions) {
    const found = await this.get(caller, userId, [], preconditions, () => new UserNotFoundError());
    if (found.member.deletedAt !== null) throw new UserNotFoundError();
    return found;
  }

  /**
   * Whether something can be done to a member at all, whatever the request asks for: a caller is told this before
   * anything about the body.
   *
   * @throws MemberPermissionError
   * @throws UserNotFoundError
   */
  async requireTarget(caller: Caller, userId: string, { action, isChange, isHidden, ofDeleted }: MemberTarget) {
    const refuseForeigner = () => (isHidden ? new UserNotFoundError() : this.refusalOfForeigner(action));
    if (!isMemberId(userId)) throw new UserNotFoundError();
    const needed = caller.kind === 'service' ? caller.scopes : [];
    const found = await this.onOrganization(caller, (actor) => this.members.find(actor, userId, needed));
    if (found.status === 'no-such-user') throw new UserNotFoundError();
    if (found.status === 'of-another-organization') throw refuseForeigner();
    if (found.status !== 'found' || (isChange && !found.mayChange)) throw this.refusal(action);
    if (!ofDeleted && found.member.deletedAt !== null) throw new UserNotFoundError();
  }

  /**
   * @throws MemberPermissionError
   * @throws EmailTakenError
   * @throws TooManyTakenEmailsError
   * @throws TooManyInvitationsError
   */
  async create(caller: Caller, dto: CreateMemberDto, origin: ChangeOrigin): Promise<CurrentMember> {
    const { callerId } = identityOf(caller);
    const userId = randomUUID();
    const member = {
      userId,
      email: dto.email,
      name: dto.firstName,
      lastName: dto.lastName,
      role: dto.orgRole ?? Role.USER,
      isInvited: dto.sendInvite ?? true,
    };
    const created = await this.takenEmails.guard(callerId, () =>
      this.onOrganization(caller, (actor) => this.members.create(actor, member, origin)),
    );
    switch (created.status) {
      case 'created':
        return { entityTag: entityTagOf(userId, created.version), member: created.member };
      case 'email-taken':
        throw new EmailTakenError();
      case 'too-many-invitations':
        throw new TooManyInvitationsError(created.retryAfter);
      case 'id-taken':
        throw new Error(`The new id ${userId} was there already`);
      case 'forbidden':
      case 'no-such-organization':
        throw this.refusal('create users');
    }
  }

  /**
   * @throws MemberPermissionError
   * @throws UserNotFoundError
   * @throws PreconditionFailedError
   * @throws InvalidInputError for what cannot be done to this member
   * @throws InvalidRoleError
   * @throws LastOwnerError
   * @throws EmailTakenError
   * @throws TooManyInvitationsError
   */
  async change(
    caller: Caller,
    userId: string,
    change: MemberChange,
    action: MemberAction,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<ChangedRole> {
    if (!isMemberId(userId)) throw new UserNotFoundError();
    const attempt = () =>
      this.onOrganization(caller, (actor) => this.members.change(actor, userId, change, preconditions, origin));
    const takesEmail = change.kind === 'restore' || change.kind === 'invite';
    const result = takesEmail ? await this.takenEmails.guard(identityOf(caller).callerId, attempt) : await attempt();
    switch (result.status) {
      case 'changed':
      case 'unchanged': {
        const { version, member, previousRole } = result;
        return { entityTag: entityTagOf(userId, version), member, previousRole };
      }
      case 'no-such-user':
        throw new UserNotFoundError();
      case 'of-another-organization':
        throw this.refusalOfForeigner(action);
      case 'forbidden':
        throw this.refusal(action);
      case 'precondition-failed': {
        const { version, madeAt, madeBy } = result;
        const made = madeAt === null ? undefined : { actorId: madeBy, at: madeAt };
        throw new PreconditionFailedError(entityTagOf(userId, version), made);
      }
      case 'is-caller':
        throw new InvalidInputError('Cannot delete yourself');
      case 'last-owner':
        throw change.kind === 'delete' ? new LastOwnerError() : new InvalidRoleError();
      case 'not-deleted':
        throw new InvalidInputError('User is not deleted');
      case 'already-validated':
        throw new InvalidInputError('User is already validated');
      case 'email-taken':
        throw new EmailTakenError();
      case 'too-many-invitations':
        throw new TooManyInvitationsError(result.retryAfter);
    }
  }

  /**
   * Executes a statement on the caller's organization. The organization is remembered; if the statement refuses, the
   * database may know of another.
   */
  private async onOrganization<Result extends { readonly status: string }>(
    caller: Caller,
    execute: (actor: Actor) => Promise<Result>,
  ): Promise<Result> {
    const identity = identityOf(caller);
    const organizationId = caller.organizationId!;
    const result = await execute({ organizationId, ...identity });
    if (caller.kind === 'service' || !REFUSALS.includes(result.status)) return result;
    const found = await this.memberships.lookUp(caller.userId, caller.since);
    if (found.status !== 'member' || found.organizationId === organizationId) return result;
    return execute({ organizationId: found.organizationId, ...identity });
  }

  private refusal(action: MemberAction): MemberPermissionError {
    return new MemberPermissionError(action);
  }

  private refusalOfForeigner(action: MemberAction): Error {
    return this.environment.HIDE_FOREIGN_USERS ? new UserNotFoundError() : new MemberPermissionError(action);
  }
}

/** What a statement says to a caller who is in another organization than was remembered. */
const REFUSALS = ['forbidden', 'not-a-member', 'of-another-organization', 'no-such-organization'];

function isMemberId(userId: string): boolean {
  return isUserId(userId) && userId !== PROFILE;
}
