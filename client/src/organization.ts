import type { CallOptions, MakeRequest } from './call.js';
import type { Schema } from './schema.js';

export type Organization = Schema<'OrganizationResponseDto'>;
export type UpdateOrganizationRequest = Schema<'UpdateOrganizationDto'>;
export type GetOrganizationResponse = Schema<'GetOrganizationResponseDto', { success: true }>;
export type UpdateOrganizationResponse = Schema<'UpdateOrganizationResponseDto', { success: true }>;
/** What `FlashbackError.body` holds after a refusal under `/organization`. */
export type OrganizationErrorResponse = Schema<'OrganizationErrorDto', { success: false }>;

/** The profiles of organizations; their settings are `client.settings.organization`. */
export class OrganizationResource {
  readonly #request: MakeRequest;

  constructor(request: MakeRequest) {
    this.#request = request;
  }

  /** For members. */
  async get(orgId: string, options?: CallOptions): Promise<GetOrganizationResponse> {
    return this.#request(pathOf(orgId), 'GET', undefined, options);
  }

  /** For administrators and owners. Absent fields stay; `null` or an empty string clears an optional one. */
  async update(
    orgId: string,
    request: UpdateOrganizationRequest,
    options?: CallOptions,
  ): Promise<UpdateOrganizationResponse> {
    return this.#request(pathOf(orgId), 'PUT', request, options);
  }
}

/** @throws TypeError for an id that would lead to another path, however it is escaped */
function pathOf(orgId: string): string {
  if (/^\.{0,2}$/.test(orgId)) throw new TypeError(`"${orgId}" is no id of an organization`);
  return `organization/${encodeURIComponent(orgId)}`;
}
