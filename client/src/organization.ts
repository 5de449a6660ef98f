import type { CallOptions, ChangeOptions, MakeRequest } from './call.js';
import { MembersResource } from './members.js';
import type {
  GetOrganizationOptions,
  GetOrganizationResponse,
  ProfileOf,
  UpdateOrganizationRequest,
  UpdateOrganizationResponse,
} from './organization-types.js';
import { OrganizationVersionsResource } from './organization-versions.js';
import { pathOf } from './path-of.js';
import type { IfChanged } from './schema.js';
import { VersionedDocument } from './versioned-document.js';
import { timeText } from './with-query.js';

/** The profiles of organizations; their settings are `client.settings.organization`. */
export class OrganizationResource {
  readonly users: MembersResource;
  readonly versions: OrganizationVersionsResource;
  readonly #profileOf: ProfileOf;

  constructor(request: MakeRequest) {
    this.#profileOf = (orgId) => new VersionedDocument(request, pathOf('organization', orgId));
    this.users = new MembersResource(request);
    this.versions = new OrganizationVersionsResource(this.#profileOf);
  }

  /** For members. With `at` the profile as it was then, `not_found` if that is not kept. */
  async get(orgId: string, { at, ...options }: GetOrganizationOptions = {}): Promise<GetOrganizationResponse> {
    return this.#profileOf(orgId).read('', { at: timeText(at) }, { ...options, withVersion: true });
  }

  /** The profile if its version is another than the one that you have; else only that nothing has changed. */
  async getIfChanged(
    orgId: string,
    version: number,
    options?: CallOptions,
  ): Promise<IfChanged<GetOrganizationResponse>> {
    return this.#profileOf(orgId).readIfChanged({}, { ...options, ifNotVersion: version, withVersion: true });
  }

  /** For administrators and owners. Absent fields stay; `null` or an empty string clears an optional one. */
  async update(
    orgId: string,
    request: UpdateOrganizationRequest,
    options?: ChangeOptions,
  ): Promise<UpdateOrganizationResponse> {
    return this.#profileOf(orgId).change('PUT', '', request, options);
  }
}
