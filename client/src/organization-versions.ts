import type { CallOptions, ChangeOptions } from './call.js';
import type {
  DiffOrganizationVersionsOptions,
  DiffOrganizationVersionsResponse,
  GetOrganizationVersionResponse,
  ListOrganizationVersionsOptions,
  ListOrganizationVersionsResponse,
  ProfileOf,
  UpdateOrganizationResponse,
} from './organization-types.js';

/** What the profile of an organization was. A version that does not exist, or was not kept whole, is `not_found`. */
export class OrganizationVersionsResource {
  readonly #profileOf: ProfileOf;

  constructor(profileOf: ProfileOf) {
    this.#profileOf = profileOf;
  }

  /** Who changed what, when and why, newest first. */
  async list(
    orgId: string,
    { limit, before, ...options }: ListOrganizationVersionsOptions = {},
  ): Promise<ListOrganizationVersionsResponse> {
    return this.#profileOf(orgId).read('/versions', { limit, before }, options);
  }

  /** The profile as it was in one version. */
  async get(orgId: string, version: number, options?: CallOptions): Promise<GetOrganizationVersionResponse> {
    return this.#profileOf(orgId).read(`/versions/${version}`, {}, options);
  }

  /** What makes one version of another, as a JSON Patch (RFC 6902). */
  async diff(
    orgId: string,
    version: number,
    { from, ...options }: DiffOrganizationVersionsOptions = {},
  ): Promise<DiffOrganizationVersionsResponse> {
    return this.#profileOf(orgId).read(`/versions/${version}/diff`, { from }, options);
  }

  /**
   * Makes a new version with the fields of an old one that `update` may change; none if nothing differs. For
   * administrators and owners; `ifVersion` means what it does for `update`.
   */
  async restore(orgId: string, version: number, options?: ChangeOptions): Promise<UpdateOrganizationResponse> {
    return this.#profileOf(orgId).change('POST', `/versions/${version}/restore`, undefined, options);
  }
}
