import { Injectable } from '@nestjs/common';
import type { Caller } from '../organization/caller.js';
import { identityOf } from '../organization/organization.repository.js';
import { UserNotFoundError } from '../user/user.errors.js';
import type { UserProfileDto } from './dto/member.response.dto.js';
import { describeRole } from './member.js';
import { UserProfileRepository } from './user-profile.repository.js';

/** Shows users themselves. */
@Injectable()
export class UserProfileService {
  constructor(private readonly profiles: UserProfileRepository) {}

  /** @throws UserNotFoundError also for a service account */
  async get(caller: Caller): Promise<UserProfileDto> {
    const { callerId: userId, since } = identityOf(caller);
    const user = await this.profiles.findUser(userId, since);
    if (user === undefined) throw new UserNotFoundError();
    const { id, name, lastName, email, organizationId, validated } = user;
    const membership =
      organizationId === null ? undefined : await this.profiles.findMembership(organizationId, userId, since);
    const role = membership?.orgRole ?? null;
    // In the documented order.
    return {
      ...{ id, name, lastName, email },
      orgId: membership === undefined ? null : organizationId,
      orgRole: role,
      ...(role === null ? { orgRoleDescription: null, orgRoles: [] } : describeRole(role)),
      validated,
      mfaRequired: membership?.mfaRequired ?? false,
      isBusiness: membership?.isBusiness ?? false,
    };
  }
}
