import type { CallOptions, ChangeOptions, MakeRequest } from './call.js';
import { pathOf } from './organization-path.js';
import type {
  DiffOrganizationVersionsOptions,
  DiffOrganizationVersionsResponse,
  GetOrganizationVersionResponse,
  ListOrganizationVersionsOptions,
  ListOrganizationVersionsResponse,
  UpdateOrganizationResponse,
} from './organization-types.js';
import { withQuery } from './with-query.js';

/** What the profile of an organization was. A version that does not exist, or was not kept whole, is `not_found`. */
export class OrganizationVersionsResource {
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
  }

  /** Who changed what, when and why, newest first. */
  async list(
    orgId: string,
    { limit, before, ...options }: ListOrganizationVersionsOptions = {},
  ): Promise<ListOrganizationVersionsResponse> {
    return this.#request(withQuery(versionsOf(orgId), { limit, before }), 'GET', undefined, options);
  }

  /** The profile as it was in one version. */
  async get(orgId: string, version: number, options?: CallOptions): Promise<GetOrganizationVersionResponse> {
    return this.#request(`${versionsOf(orgId)}/${version}`, 'GET', undefined, options);
  }

  /** What makes one version of another, as a JSON Patch (RFC 6902). */
  async diff(
    orgId: string,
    version: number,
    { from, ...options }: DiffOrganizationVersionsOptions = {},
  ): Promise<DiffOrganizationVersionsResponse> {
    return this.#request(withQuery(`${versionsOf(orgId)}/${version}/diff`, { from }), 'GET', undefined, options);
  }

  /**
   * Makes a new version with the fields of an old one that `update` may change; none if nothing differs. For
   * administrators and owners; `ifVersion` means what it does for `update`.
   */
  async restore(orgId: string, version: number, options?: ChangeOptions): Promise<UpdateOrganizationResponse> {
    const path = `${versionsOf(orgId)}/${version}/restore`;
    return this.#request(path, 'POST', undefined, { ...options, withVersion: true });
  }
}

function versionsOf(orgId: string): string {
  return `${pathOf(orgId)}/versions`;
}
