import type { CallOptions } from './call.js';
import type { Schema, Versioned } from './schema.js';
import type { VersionedDocument } from './versioned-document.js';
import type { GetSettingsOptions, JsonPatchOperation, ListSettingsVersionsOptions } from './settings-types.js';

export type Organization = Schema<'OrganizationResponseDto'>;
export type UpdateOrganizationRequest = Schema<'UpdateOrganizationDto'>;
export type GetOrganizationOptions = GetSettingsOptions;
export type GetOrganizationResponse = Schema<'GetOrganizationResponseDto', { success: true }> & Versioned;
export type UpdateOrganizationResponse = Schema<'UpdateOrganizationResponseDto', { success: true }> & Versioned;
/** What `FlashbackError.body` holds after a refusal under `/organization`. */
export type OrganizationErrorResponse = Schema<'OrganizationErrorDto', { success: false }>;

export type OrganizationVersion = Schema<'OrganizationVersionDto'>;
export type ListOrganizationVersionsOptions = ListSettingsVersionsOptions;
export type ListOrganizationVersionsResponse = Schema<'ListOrganizationVersionsResponseDto', { success: true }>;
export type GetOrganizationVersionResponse = Schema<'GetOrganizationVersionResponseDto', { success: true }>;
export interface DiffOrganizationVersionsOptions extends CallOptions {
  /** The version to start from; by default the one before. */
  from?: number;
}
export type DiffOrganizationVersionsResponse = Schema<
  'DiffOrganizationVersionsResponseDto',
  { success: true; data: Schema<'OrganizationDiffDto', { patch: JsonPatchOperation[] }> }
>;

/** The document that the profile of an organization is. @throws TypeError for an id that is none */
export type ProfileOf = (orgId: string) => VersionedDocument;
