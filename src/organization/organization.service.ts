import { Injectable } from '@nestjs/common';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { PreconditionFailedError } from '../common/errors/common.errors.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import { MembershipService } from './membership.service.js';
import type { Organization } from './organization.entity.js';
import { InsufficientRoleError, NotAMemberError, OrganizationNotFoundError } from './organization.errors.js';
import { type OrganizationChanges, OrganizationRepository } from './organization.repository.js';

/** Reads and changes an organization's profile on behalf of one of its members. */
@Injectable()
export class OrganizationService {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly memberships: MembershipService,
  ) {}

  /**
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   */
  async get(organizationId: string, userId: string): Promise<Organization> {
    const organization = found(await this.organizations.findAs(organizationId, userId));
    if (organization === null) {
      this.memberships.forget(userId);
      throw new NotAMemberError();
    }
    return organization;
  }

  /**
   * @throws OrganizationNotFoundError
   * @throws InsufficientRoleError also for who is no member
   * @throws PreconditionFailedError
   */
  async update(
    organizationId: string,
    userId: string,
    changes: OrganizationChanges,
    preconditions: Preconditions,
    origin: ChangeOrigin,
  ): Promise<Organization> {
    // As it is in the database, because entity tags are made of it.
    const id = organizationId.toLowerCase();
    const { organization, unexpectedVersion } = found(
      await this.organizations.updateAs(id, userId, changes, preconditions, origin),
    );
    if (unexpectedVersion !== null) throw new PreconditionFailedError(entityTagOf(id, unexpectedVersion));
    if (organization === null) {
      this.memberships.forget(userId);
      throw new InsufficientRoleError('organization');
    }
    return organization;
  }
}

function found<Found>(organization: Found | undefined): Found {
  if (organization === undefined) throw new OrganizationNotFoundError();
  return organization;
}
