import type { CallOptions, MakeRequest } from './call.js';
import type { Schema } from './schema.js';
import { withQuery } from './with-query.js';

export type ListedOrganization = Schema<'ListedOrganizationDto'>;
export type ListOrganizationsResponse = Schema<'ListOrganizationsResponseDto', { success: true }>;

export interface ListOrganizationsOptions extends CallOptions {
  /** How many, 1 to 1,000; 100 by default. */
  limit?: number;
  /** Only those whose id comes after this one: the last of the list before. */
  after?: string | undefined;
  /** Only those that were changed at that time or later, and those that were deleted. */
  changedSince?: Date | string | undefined;
}

/** All organizations; for service accounts of all organizations. */
export class OrganizationsResource {
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
  }

  /** One page, by id. As long as a page has as many as `limit`, there may be another. */
  list({ limit, after, changedSince, ...options }: ListOrganizationsOptions = {}): Promise<ListOrganizationsResponse> {
    const since = changedSince && new Date(changedSince).toISOString();
    const path = withQuery('organizations', { limit, after, changedSince: since });
    return this.#request(path, 'GET', undefined, options);
  }
}
