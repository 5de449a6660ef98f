import type { CallOptions, ChangeOptions } from './call.js';
import type { DeepPartial, MergePatch } from './deep-partial.js';
import type { Judged, Schema, Versioned } from './schema.js';

/** Settings of no particular type, as the API documents them: any JSON object. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- An index signature of unknown would refuse interfaces.
export type AnySettings = Record<string, any>;

/** The types of a deployment's settings, as "npx @flashback/client types" writes them. */
export interface DeploymentSettings {
  organization: object;
  user: object;
  effective: object;
}
/** Settings of which nothing is known. */
export interface AnyDeploymentSettings {
  organization: AnySettings;
  user: AnySettings;
  effective: AnySettings;
}
/** What is read of settings: where nothing is known of them, a value may be anything, and has to be looked at. */
export type ReadSettings<T extends object> = string extends keyof T
  ? 0 extends 1 & T[keyof T]
    ? Record<string, unknown>
    : T
  : T;

export type UpdateSettingsRequest<T extends object = AnySettings> = Schema<'UpdateSettingsDto', { settings: T }>;
export type PartialUpdateSettingsRequest<T extends object = AnySettings> = DeepPartial<T>;
export type DeleteSettingsRequest = Schema<'DeleteSettingsKeysDto'>;

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation = Schema<'JsonPatchOperationDto', { value: unknown }>;
/** An array is a JSON Patch (RFC 6902), an object a JSON Merge Patch (RFC 7396). */
export type PatchSettingsRequest<T extends object = AnySettings> =
  readonly JsonPatchOperation[] | (MergePatch<T> & { [Symbol.iterator]?: never });

export interface GetSettingsOptions extends CallOptions {
  /** The document as it was then, instead of as it is: a `Date`, or a date-time with its offset from UTC (RFC 3339). */
  at?: Date | string;
}
export interface GetIfChangedOptions extends CallOptions {
  /** For how many seconds the service waits for a change before it says that there was none: 1 to 60. */
  wait?: number;
}
export interface SettingsChangeOptions extends ChangeOptions {
  dryRun?: false;
}
/** Only tries the change: everything is checked, and nothing stored. */
export interface SettingsDryRunOptions extends ChangeOptions {
  dryRun: true;
  /**
   * Adds `impact`: whom the change would touch. For settings and policies of an organization or the system, ten times a
   * minute.
   */
  impact?: boolean;
}
/** Whom a change would touch. A number from 1 to 4 is `null`, with `below: 5` beside it. */
export type Impact = Schema<'ImpactDto'>;

export type GetSettingsResponse<T extends object = Record<string, unknown>> = Schema<
  'GetSettingsResponseDto',
  { success: true; settings: T }
> &
  Versioned;
export type SettingsWrittenResponse = Schema<'SettingsWrittenResponseDto', { success: true }> & Versioned & Judged;
/** `version` is the current one, in which the change was tried. */
export type SettingsDryRunResponse<T extends object = AnySettings> = Schema<
  'SettingsDryRunResponseDto',
  { success: true; dryRun: true; settings: T; patch: JsonPatchOperation[] }
> &
  Versioned &
  Judged;
/** What `FlashbackError.body` holds after a refusal under `/settings`. */
export type SettingsErrorResponse = Schema<'SettingsErrorDto', { success: false }>;

export type SettingsVersion = Schema<'SettingsVersionDto'>;
export type ListSettingsVersionsResponse = Schema<'ListSettingsVersionsResponseDto', { success: true }>;
export type GetSettingsVersionResponse<T extends object = Record<string, unknown>> = Schema<
  'GetSettingsVersionResponseDto',
  { success: true; settings: T }
>;
export type DiffSettingsVersionsResponse = Schema<
  'DiffSettingsVersionsResponseDto',
  { success: true; patch: JsonPatchOperation[] }
>;

export interface ListSettingsVersionsOptions extends CallOptions {
  /** How many, 1 to 100; 20 by default. */
  limit?: number;
  /** Only versions below this one: the `next` of the list before. */
  before?: number;
}
export interface DiffSettingsVersionsOptions extends CallOptions {
  /** The version to start from, 0 being the empty document; by default the one before. */
  from?: number;
}

export interface WatchOptions {
  /** Ends the watch. */
  signal?: AbortSignal;
}

/** An organization whose settings are wanted, unless they are in the version that you have. */
export type WantedSettings = Schema<'WantedSettingsDto'>;
export type SettingsBatchResponse = Schema<'SettingsBatchResponseDto', { success: true }>;
