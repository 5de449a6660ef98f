import type { Schema, Versioned } from './schema.js';
import type { JsonPatchOperation, PatchSettingsRequest } from './settings-types.js';

/** What the layers below may set; empty where there is no policy. */
export interface Policy {
  /** The settings that the layers below may not change, by their JSON Pointers (RFC 6901). */
  locks?: Record<string, { reason?: string }>;
  /** What their documents may be, as JSON Schema 2020-12. An organization's policy has one for its users only. */
  schema?: { organization?: object; user?: object };
  /** What becomes of a change that the schema does not allow; `enforce` by default. */
  enforcement?: 'off' | 'warn' | 'enforce';
}

export type UpdatePolicyRequest = Schema<'UpdatePolicyDto', { policy: Policy }>;
/** An array is a JSON Patch (RFC 6902), an object a JSON Merge Patch (RFC 7396). */
export type PatchPolicyRequest = PatchSettingsRequest<Policy>;
export type GetPolicyResponse = Schema<'GetPolicyResponseDto', { success: true; policy: Policy }> & Versioned;
/** `version` is the current one, in which the change was tried. */
export type PolicyDryRunResponse = Schema<
  'PolicyDryRunResponseDto',
  { success: true; dryRun: true; policy: Policy; patch: JsonPatchOperation[] }
> &
  Versioned;

export type PolicyVersion = Schema<'PolicyVersionDto'>;
export type ListPolicyVersionsResponse = Schema<'ListPolicyVersionsResponseDto', { success: true }>;
export type GetPolicyVersionResponse = Schema<'GetPolicyVersionResponseDto', { success: true; policy: Policy }>;
