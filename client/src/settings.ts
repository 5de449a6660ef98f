import type { MakeRequest } from './call.js';
import { DocumentResource, type Options } from './document.js';
import type { DocumentVersionsResource } from './document-versions.js';
import { PolicyResource } from './policy.js';
import type {
  AnySettings,
  DeleteSettingsRequest,
  PartialUpdateSettingsRequest,
  SettingsChangeOptions,
  SettingsDryRunOptions,
  SettingsDryRunResponse,
  SettingsWrittenResponse,
} from './settings-types.js';

type Changed<T extends object> = Promise<SettingsWrittenResponse | SettingsDryRunResponse<T>>;

/** One settings document: of the caller, of the caller's organization, or of the system. */
export class SettingsResource<Settings extends object = AnySettings> extends DocumentResource<'settings', Settings> {
  /**
   * Merges `changes` into the document. Objects merge at every depth; arrays, scalars and null replace; what is not
   * named stays. A dot in a key is part of its name.
   */
  partialUpdate<T extends object = Settings>(
    changes: NoInfer<PartialUpdateSettingsRequest<T>>,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  partialUpdate<T extends object = Settings>(
    changes: NoInfer<PartialUpdateSettingsRequest<T>>,
    options?: SettingsChangeOptions,
  ): Promise<SettingsWrittenResponse>;
  partialUpdate<T extends object>(changes: PartialUpdateSettingsRequest<T>, options?: Options): Changed<T> {
    return this.document.change('PUT', '', changes, options);
  }

  /**
   * Deletes 1 to 256 keys and keeps everything else. A key is the exact name of a top-level setting or, where there is
   * none of that name, a path with dots between its segments; `\.` is a dot within a name and `\\` a backslash.
   */
  delete<T extends object = Settings>(
    request: DeleteSettingsRequest,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  delete(request: DeleteSettingsRequest, options?: SettingsChangeOptions): Promise<SettingsWrittenResponse>;
  delete(request: DeleteSettingsRequest, options?: Options): Changed<AnySettings> {
    return this.document.change('DELETE', '', request, options);
  }
}

export type SettingsVersionsResource = DocumentVersionsResource<'settings'>;

/** The settings of a layer that says what those below it may set. */
export class GoverningSettingsResource<Settings extends object = AnySettings> extends SettingsResource<Settings> {
  readonly policy: PolicyResource;

  constructor(request: MakeRequest, path: string) {
    super(request, path);
    this.policy = new PolicyResource(request, `${path}/policy`);
  }
}
