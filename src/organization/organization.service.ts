import { Injectable } from '@nestjs/common';
import { MembershipService } from './membership.service.js';
import type { Organization } from './organization.entity.js';
import { InsufficientRoleError, NotAMemberError, OrganizationNotFoundError } from './organization.errors.js';
import { type OrganizationChanges, OrganizationRepository, type SeenOrganization } from './organization.repository.js';

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
    const { role, organization } = found(await this.organizations.findAs(organizationId, userId));
    if (role === null || organization === null) {
      this.memberships.forget(userId);
      throw new NotAMemberError();
    }
    return organization;
  }

  /**
   * @throws OrganizationNotFoundError
   * @throws InsufficientRoleError also for who is no member
   */
  async update(organizationId: string, userId: string, changes: OrganizationChanges): Promise<Organization> {
    const { organization } = found(await this.organizations.updateAs(organizationId, userId, changes));
    if (organization === null) {
      this.memberships.forget(userId);
      throw new InsufficientRoleError('organization');
    }
    return organization;
  }
}

function found(seen: SeenOrganization | undefined): SeenOrganization {
  if (seen === undefined) throw new OrganizationNotFoundError();
  return seen;
}
