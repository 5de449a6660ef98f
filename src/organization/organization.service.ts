import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import type { AppError } from '../common/errors/app-error.js';
import { PreconditionFailedError } from '../common/errors/common.errors.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import { MembershipService } from './membership.service.js';
import { type Caller, ServiceCaller } from './caller.js';
import type { Organization } from './organization.entity.js';
import { InsufficientRoleError, NotAMemberError, OrganizationNotFoundError } from './organization.errors.js';
import { type OrganizationChanges, OrganizationRepository } from './organization.repository.js';
import { ServiceAccessService } from './service-access.service.js';

/** Reads and changes an organization's profile on behalf of one of its members, or of a service account. */
@Injectable()
export class OrganizationService {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly memberships: MembershipService,
    private readonly services: ServiceAccessService,
  ) {}

  /**
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   */
  async get(organizationId: string, caller: Caller): Promise<Organization> {
    const organization = found(await this.organizations.findAs(organizationId, caller));
    if (organization === null) return this.refuse(caller, new NotAMemberError());
    return organization;
  }

  /**
   * @throws OrganizationNotFoundError
   * @throws InsufficientRoleError also for who is no member
   * @throws PreconditionFailedError
   */
  async update(
    organizationId: string,
    caller: Caller,
    changes: OrganizationChanges,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<Organization> {
    // As it is in the database, because entity tags are made of it.
    const id = organizationId.toLowerCase();
    const { organization, unexpectedVersion } = found(
      await this.organizations.updateAs(id, caller, changes, preconditions, origin),
    );
    if (unexpectedVersion !== null) throw new PreconditionFailedError(entityTagOf(id, unexpectedVersion));
    if (organization === null) return this.refuse(caller, new InsufficientRoleError('organization'));
    return organization;
  }

  private async refuse(caller: Caller, refusal: AppError): Promise<never> {
    if (caller instanceof ServiceCaller) return this.services.refuse(caller);
    this.memberships.forget(caller.userId);
    throw refusal;
  }
}

function found<Found>(organization: Found | undefined): Found {
  if (organization === undefined) throw new OrganizationNotFoundError();
  return organization;
}
