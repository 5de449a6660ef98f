import type { CallOptions, ChangeOptions, MakeRequest } from './call.js';
import { MembersResource } from './members.js';
import { type IfChanged, ifChanged, type Schema, type Versioned } from './schema.js';

export type Organization = Schema<'OrganizationResponseDto'>;
export type UpdateOrganizationRequest = Schema<'UpdateOrganizationDto'>;
export type GetOrganizationResponse = Schema<'GetOrganizationResponseDto', { success: true }> & Versioned;
export type UpdateOrganizationResponse = Schema<'UpdateOrganizationResponseDto', { success: true }> & Versioned;
/** What `FlashbackError.body` holds after a refusal under `/organization`. */
export type OrganizationErrorResponse = Schema<'OrganizationErrorDto', { success: false }>;

/** The profiles of organizations; their settings are `client.settings.organization`. */
export class OrganizationResource {
  readonly users: MembersResource;
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
    this.users = new MembersResource(request);
  }

  /** For members. */
  async get(orgId: string, options?: CallOptions): Promise<GetOrganizationResponse> {
    return this.#request(pathOf(orgId), 'GET', undefined, { ...options, withVersion: true });
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

/** @throws TypeError for an id that would lead to another path, however it is escaped */
function pathOf(orgId: string): string {
  if (/^\.{0,2}$/.test(orgId)) throw new TypeError(`"${orgId}" is no id of an organization`);
  return `organization/${encodeURIComponent(orgId)}`;
}
