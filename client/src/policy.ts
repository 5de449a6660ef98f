import { DocumentResource, type Options } from './document.js';
import type { PolicyDryRunResponse } from './policy-types.js';
import type { SettingsChangeOptions, SettingsDryRunOptions, SettingsWrittenResponse } from './settings-types.js';

/** What the layers below may set: those below the system, or the users of an organization. */
export class PolicyResource extends DocumentResource<'policy'> {
  /** Leaves no policy. */
  delete(options: SettingsDryRunOptions): Promise<PolicyDryRunResponse>;
  delete(options?: SettingsChangeOptions): Promise<SettingsWrittenResponse>;
  delete(options?: Options): Promise<SettingsWrittenResponse | PolicyDryRunResponse> {
    return this.document.change('DELETE', '', undefined, options);
  }
}
