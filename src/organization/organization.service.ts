import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { AppError } from '../common/errors/app-error.js';
import { PreconditionFailedError } from '../common/errors/common.errors.js';
import { ChangeFeed } from '../history/change-feed.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import { VersionNotFoundError } from '../history/version.errors.js';
import { ChangeContext } from '../history/change-context.js';
import { preconditionFailedError } from '../history/version.js';
import { VersionAuthorRepository } from '../history/version-author.repository.js';
import { MembershipService } from './membership.service.js';
import type { Caller } from './caller.js';
import { InsufficientRoleError, NotAMemberError, OrganizationNotFoundError } from './organization.errors.js';
import { identityOf, OrganizationRepository, type Profile } from './organization.repository.js';
import type { ProfileChange } from './profile-change.js';
import { ServiceAccessService } from './service-access.service.js';

/** Reads and changes an organization's profile on behalf of one of its members, or of a service account. */
@Injectable()
export class OrganizationService {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly memberships: MembershipService,
    private readonly services: ServiceAccessService,
    private readonly authors: VersionAuthorRepository,
    private readonly feed: ChangeFeed,
  ) {}

  /**
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   */
  async get(organizationId: string, caller: Caller): Promise<Profile> {
    const read = await this.organizations.read(organizationId, caller);
    switch (read.status) {
      case 'found':
        return read;
      case 'forbidden':
        return this.refuse(caller, new NotAMemberError());
      case 'no-such-organization':
        throw new OrganizationNotFoundError();
    }
  }

  /**
   * @throws OrganizationNotFoundError
   * @throws InsufficientRoleError also for a caller who is not a member
   * @throws PreconditionFailedError
   * @throws VersionNotFoundError when a version to restore is not kept
   */
  async change(
    organizationId: string,
    caller: Caller,
    change: ProfileChange,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<Profile> {
    const result = await this.organizations.change(organizationId, caller, change, preconditions, origin);
    switch (result.status) {
      case 'changed':
        this.feed.publish({ document: 'organization-profile', ownerId: organizationId, version: result.version });
        return result;
      case 'unchanged':
        return result;
      case 'precondition-failed':
        throw preconditionFailedError(organizationId, result);
      case 'no-such-version':
      case 'thinned':
        throw new VersionNotFoundError(result.status);
      case 'forbidden':
        return this.refuse(caller, new InsufficientRoleError('organization'));
      case 'no-such-organization':
        throw new OrganizationNotFoundError();
    }
  }

  /**
   * The same for the caller's own organization, whose id is remembered; where that refuses, the database may know of
   * another.
   *
   * @throws OrganizationNotFoundError
   * @throws InsufficientRoleError
   * @throws PreconditionFailedError
   */
  async changeOwn(
    caller: Caller,
    change: ProfileChange,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<Profile & { readonly id: string }> {
    const id = caller.organizationId!;
    try {
      return { id, ...(await this.change(id, caller, change, preconditions, origin)) };
    } catch (error) {
      if (caller.kind === 'service' || !(error instanceof AppError)) throw error;
      const found = await this.memberships.lookUp(caller.userId, caller.since);
      if (found.status !== 'member' || found.organizationId === id) throw error;
      const { organizationId } = found;
      return { id: organizationId, ...(await this.change(organizationId, caller, change, preconditions, origin)) };
    }
  }

  /**
   * Tells a reader that the version is another one than they named, and who made it.
   *
   * @throws PreconditionFailedError
   */
  async refuseVersion(organizationId: string, version: string, since: number): Promise<never> {
    const made = await this.authors.find(ChangeContext.ORGANIZATION, organizationId, version, since);
    throw new PreconditionFailedError(entityTagOf(organizationId, version), made);
  }

  /**
   * Says why somebody may not read, as the database has it now.
   *
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   */
  async refuseToRead(organizationId: string, caller: Caller): Promise<never> {
    const { callerId, since } = identityOf(caller);
    if (!(await this.organizations.isActive(organizationId, callerId, since))) throw new OrganizationNotFoundError();
    return this.refuse(caller, new NotAMemberError());
  }

  private async refuse(caller: Caller, refusal: AppError): Promise<never> {
    if (caller.kind === 'service') return this.services.refuse(caller);
    this.memberships.forget(caller.userId);
    throw refusal;
  }
}
