import type { CallOptions, ChangeOptions, MakeRequest } from './call.js';
import { MembersResource } from './members.js';
import { pathOf } from './organization-path.js';
import type {
  GetOrganizationOptions,
  GetOrganizationResponse,
  UpdateOrganizationRequest,
  UpdateOrganizationResponse,
} from './organization-types.js';
import { OrganizationVersionsResource } from './organization-versions.js';
import { type IfChanged, ifChanged } from './schema.js';
import { timeText, withQuery } from './with-query.js';

/** The profiles of organizations; their settings are `client.settings.organization`. */
export class OrganizationResource {
  readonly users: MembersResource;
  readonly versions: OrganizationVersionsResource;
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
    this.users = new MembersResource(request);
    this.versions = new OrganizationVersionsResource(request);
  }

  /** For members. With `at` the profile as it was then, `not_found` if that is not kept. */
  async get(orgId: string, { at, ...options }: GetOrganizationOptions = {}): Promise<GetOrganizationResponse> {
    const path = withQuery(pathOf(orgId), { at: timeText(at) });
    return this.#request(path, 'GET', undefined, { ...options, withVersion: true });
  }

  /** The profile if its version is another than the one that you have; else only that nothing has changed. */
  async getIfChanged(
    orgId: string,
    version: number,
    options?: CallOptions,
  ): Promise<IfChanged<GetOrganizationResponse>> {
    return ifChanged(
      await this.#request<GetOrganizationResponse | undefined>(pathOf(orgId), 'GET', undefined, {
        ...options,
        ifNotVersion: version,
        withVersion: true,
      }),
    );
  }

  /**
   * For administrators and owners. Absent fields stay; `null` or an empty string clears an optional one.
   *
   * With `ifVersion`, a `precondition_failed` may be the work of this very call: of an attempt whose reply was lost.
   */
  async update(
    orgId: string,
    request: UpdateOrganizationRequest,
    options?: ChangeOptions,
  ): Promise<UpdateOrganizationResponse> {
    return this.#request(pathOf(orgId), 'PUT', request, { ...options, withVersion: true });
  }
}
