import { Injectable } from '@nestjs/common';
import { UserNotFoundError } from '../user/user.errors.js';
import type { UserProfileDto } from './dto/member.response.dto.js';
import { describeRole } from './member.js';
import { UserProfileRepository } from './user-profile.repository.js';

/** Shows users themselves. */
@Injectable()
export class UserProfileService {
  constructor(private readonly profiles: UserProfileRepository) {}

  /** @throws UserNotFoundError also for a service account */
  async get(userId: string): Promise<UserProfileDto> {
    const user = await this.profiles.findUser(userId);
    if (user === undefined) throw new UserNotFoundError();
    const { organizationId, ...names } = user;
    const membership = organizationId === null ? undefined : await this.profiles.findMembership(organizationId, userId);
    if (membership === undefined) {
      return {
        ...names,
        orgId: null,
        orgRole: null,
        orgRoleDescription: null,
        orgRoles: [],
        mfaRequired: false,
        isBusiness: false,
      };
    }
    return { ...names, orgId: organizationId, ...membership, ...describeRole(membership.orgRole) };
  }
}
