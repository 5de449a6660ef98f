export type { CallOptions, Method } from './call.js';
export { FlashbackClient } from './client.js';
export type { FlashbackClientOptions, Json } from './client-options.js';
export type { DeepPartial } from './deep-partial.js';
export { FlashbackError, type FlashbackErrorCode, type FlashbackErrorDetails } from './flashback-error.js';
export type {
  GetOrganizationResponse,
  Organization,
  OrganizationErrorResponse,
  OrganizationResource,
  UpdateOrganizationRequest,
  UpdateOrganizationResponse,
} from './organization.js';
export type {
  AnySettings,
  DeleteSettingsRequest,
  GetSettingsResponse,
  PartialUpdateSettingsRequest,
  SettingsErrorResponse,
  SettingsResource,
  SettingsWrittenResponse,
  UpdateSettingsRequest,
} from './settings.js';
