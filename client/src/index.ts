export type { CallOptions, ChangeOptions, Method, RequestOptions } from './call.js';
export { FlashbackClient } from './client.js';
export type { FlashbackClientOptions, Json } from './client-options.js';
export type { DeepPartial, MergePatch } from './deep-partial.js';
export type { DocumentResource } from './document.js';
export type { DocumentVersionsResource } from './document-versions.js';
export type { EffectiveSettingsResource } from './effective-settings.js';
export type {
  EffectiveReason,
  EffectiveView,
  ExplainedSettingsResponse,
  GetEffectiveSettingsIfChangedOptions,
  GetEffectiveSettingsOptions,
  GetEffectiveSettingsResponse,
  WatchEffectiveSettingsOptions,
} from './effective-settings-types.js';
export {
  FlashbackError,
  type FlashbackErrorCode,
  type FlashbackErrorDetails,
  type PolicyViolation,
} from './flashback-error.js';
export type { MembersResource } from './members.js';
export type { OrganizationResource } from './organization.js';
export type {
  DiffOrganizationVersionsOptions,
  DiffOrganizationVersionsResponse,
  GetOrganizationOptions,
  GetOrganizationResponse,
  GetOrganizationVersionResponse,
  ListOrganizationVersionsOptions,
  ListOrganizationVersionsResponse,
  Organization,
  OrganizationErrorResponse,
  OrganizationVersion,
  UpdateOrganizationRequest,
  UpdateOrganizationResponse,
} from './organization-types.js';
export type { OrganizationVersionsResource } from './organization-versions.js';
export type {
  ListedOrganization,
  ListOrganizationsOptions,
  ListOrganizationsResponse,
  OrganizationsResource,
} from './organizations.js';
export type { PolicyResource } from './policy.js';
export type {
  GetPolicyResponse,
  GetPolicyVersionResponse,
  ListPolicyVersionsResponse,
  PatchPolicyRequest,
  Policy,
  PolicyDryRunResponse,
  PolicyVersion,
  UpdatePolicyRequest,
} from './policy-types.js';
export type { IfChanged, Judged, Versioned } from './schema.js';
export type { GoverningSettingsResource, SettingsResource, SettingsVersionsResource } from './settings.js';
export type {
  AnyDeploymentSettings,
  AnySettings,
  DeleteSettingsRequest,
  DeploymentSettings,
  DiffSettingsVersionsOptions,
  DiffSettingsVersionsResponse,
  GetIfChangedOptions,
  GetSettingsOptions,
  GetSettingsResponse,
  GetSettingsVersionResponse,
  Impact,
  JsonPatchOperation,
  ListSettingsVersionsOptions,
  ListSettingsVersionsResponse,
  PartialUpdateSettingsRequest,
  PatchSettingsRequest,
  ReadSettings,
  SettingsChangeOptions,
  SettingsBatchResponse,
  SettingsDryRunOptions,
  SettingsDryRunResponse,
  SettingsErrorResponse,
  SettingsVersion,
  SettingsWrittenResponse,
  UpdateSettingsRequest,
  WantedSettings,
  WatchOptions,
} from './settings-types.js';
export type {
  MarkSystemEventsResponse,
  QuerySystemEventsRequest,
  QuerySystemEventsResponse,
  SystemEvent,
  SystemEventErrorResponse,
  SystemEventsResource,
} from './system-events.js';
export type {
  CreateMemberRequest,
  GetUserProfileResponse,
  GetUserRoleResponse,
  ListMembersOptions,
  ListMembersResponse,
  Member,
  MemberWrittenResponse,
  Role,
  SetRoleResponse,
  UpdateMemberRequest,
  UpdateUserRequest,
  UserProfile,
  UserWrittenResponse,
} from './user-types.js';
export type { UsersResource } from './users.js';
