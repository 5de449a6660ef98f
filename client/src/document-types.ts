import type {
  GetPolicyResponse,
  GetPolicyVersionResponse,
  ListPolicyVersionsResponse,
  PatchPolicyRequest,
  PolicyDryRunResponse,
  UpdatePolicyRequest,
} from './policy-types.js';
import type {
  GetSettingsResponse,
  GetSettingsVersionResponse,
  ListSettingsVersionsResponse,
  PatchSettingsRequest,
  SettingsDryRunResponse,
  UpdateSettingsRequest,
} from './settings-types.js';

/** What requests and replies hold, by what a document holds. */
export interface Contents<T extends object> {
  settings: {
    read: GetSettingsResponse<T>;
    update: UpdateSettingsRequest<T>;
    patch: PatchSettingsRequest<T>;
    dryRun: SettingsDryRunResponse<T>;
    versions: ListSettingsVersionsResponse;
    version: GetSettingsVersionResponse<T>;
  };
  policy: {
    read: GetPolicyResponse;
    update: UpdatePolicyRequest;
    patch: PatchPolicyRequest;
    dryRun: PolicyDryRunResponse;
    versions: ListPolicyVersionsResponse;
    version: GetPolicyVersionResponse;
  };
}
export type Content = keyof Contents<object>;
