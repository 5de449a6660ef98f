import { Injectable } from '@nestjs/common';
import { VersionNotFoundError } from '../history/version.errors.js';
import { pageOf, type VersionPage } from '../history/version.js';
import { UserRepository } from '../user/user.repository.js';
import type { Caller } from './caller.js';
import type { Profile } from './organization.repository.js';
import { OrganizationService } from './organization.service.js';
import {
  type FoundProfile,
  OrganizationVersionRepository,
  type ProfileAtVersion,
} from './organization-version.repository.js';
import type { ProfileOperation } from './profile-change.js';

/** Shows the versions of an organization's profile to those who may read it. */
@Injectable()
export class OrganizationVersionService {
  constructor(
    private readonly organizations: OrganizationService,
    private readonly versions: OrganizationVersionRepository,
    private readonly users: UserRepository,
  ) {}

  /**
   * Newest first, those below `before`, at most `limit`.
   *
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   */
  async list(
    organizationId: string,
    caller: Caller,
    limit: number,
    before: string | null,
  ): Promise<VersionPage<ProfileOperation>> {
    const found = await this.versions.list(organizationId, caller, limit + 1, before);
    if (found.status !== 'found') return this.organizations.refuseToRead(organizationId, caller);
    return pageOf(found.versions, limit, (ids) => this.users.findNames(ids, caller.since));
  }

  /**
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   * @throws VersionNotFoundError
   */
  async get(organizationId: string, caller: Caller, version: string): Promise<ProfileAtVersion> {
    return this.outcomeOf(organizationId, caller, await this.versions.find(organizationId, caller, version));
  }

  /**
   * The profile as it was then.
   *
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   * @throws VersionNotFoundError also before the history begins
   */
  async getAsOf(organizationId: string, caller: Caller, at: Date): Promise<Profile> {
    return this.outcomeOf(organizationId, caller, await this.versions.findAsOf(organizationId, caller, at));
  }

  /**
   * What makes one version of the other, as the text of a JSON Patch (RFC 6902).
   *
   * @throws OrganizationNotFoundError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   * @throws VersionNotFoundError
   */
  async diff(organizationId: string, caller: Caller, from: string, to: string): Promise<string> {
    const found = await this.versions.diff(organizationId, caller, from, to);
    return (await this.outcomeOf(organizationId, caller, found)).patch;
  }

  private async outcomeOf<Result>(
    organizationId: string,
    caller: Caller,
    found: FoundProfile<Result>,
  ): Promise<Result> {
    switch (found.status) {
      case 'found':
        return found;
      case 'no-such-version':
      case 'thinned':
        throw new VersionNotFoundError(found.status);
      case 'not-a-member':
      case 'forbidden':
        return this.organizations.refuseToRead(organizationId, caller);
    }
  }
}
