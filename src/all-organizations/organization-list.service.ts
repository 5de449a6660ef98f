import { Injectable } from '@nestjs/common';
import type { ServiceCaller } from '../organization/caller.js';
import { type ListedOrganization, OrganizationListRepository } from './organization-list.repository.js';

/** Shows service accounts of all organizations which organizations there are. */
@Injectable()
export class OrganizationListService {
  constructor(private readonly organizations: OrganizationListRepository) {}

  /**
   * A page of organizations by id. `next` is the `after` of the next page, where there is one.
   *
   * @param changedSince only those that were changed, or deleted, at that time or later
   */
  async list(
    caller: ServiceCaller,
    limit: number,
    after?: string,
    changedSince?: Date,
  ): Promise<{ organizations: readonly ListedOrganization[]; next?: string }> {
    const page = { limit: limit + 1, after: after ?? null };
    const found =
      changedSince === undefined
        ? await this.organizations.list(caller, page)
        : await this.organizations.listChanged(caller, changedSince, page);
    const organizations = found.slice(0, limit);
    const last = organizations.at(-1);
    return { organizations, ...(found.length > limit && last !== undefined && { next: last.id }) };
  }
}
