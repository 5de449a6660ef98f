import type { Schema } from './schema.js';
import type { GetIfChangedOptions, GetSettingsOptions, WatchOptions } from './settings-types.js';

/** Whose effective settings, and whether with reasons. */
export interface EffectiveView {
  /** Without the layer of any user. */
  scope?: 'organization';
  /** A member; for service accounts. */
  user?: string;
  /** Adds `reasons`. */
  explain?: boolean;
}
export interface GetEffectiveSettingsOptions extends GetSettingsOptions, EffectiveView {}
export interface GetEffectiveSettingsIfChangedOptions extends GetIfChangedOptions, EffectiveView {}
export interface WatchEffectiveSettingsOptions extends WatchOptions, EffectiveView {}

/** Why a setting is what it is. */
export type EffectiveReason = Schema<'EffectiveReasonDto'>;

export type GetEffectiveSettingsResponse<T extends object = Record<string, unknown>> = Schema<
  'GetEffectiveSettingsResponseDto',
  { success: true; settings: T }
> & {
  /** The reply's `ETag`, for `getIfChanged`: that of all documents that take part. */
  tag: string;
};

export type ExplainedSettingsResponse<T extends object = Record<string, unknown>> = GetEffectiveSettingsResponse<T> & {
  /** By the JSON Pointer (RFC 6901) of each leaf. */
  reasons: Record<string, EffectiveReason>;
};
