import type { CallOptions } from './call.js';
import type { SettingsDocument } from './settings-document.js';
import type {
  AnySettings,
  DiffSettingsVersionsOptions,
  DiffSettingsVersionsResponse,
  GetSettingsVersionResponse,
  ListSettingsVersionsOptions,
  ListSettingsVersionsResponse,
  SettingsChangeOptions,
  SettingsDryRunOptions,
  SettingsDryRunResponse,
  SettingsWrittenResponse,
} from './settings-types.js';

/** What a settings document was. A version that does not exist, or is not kept any more, is `not_found`. */
export class SettingsVersionsResource {
  readonly #document: SettingsDocument;

  constructor(document: SettingsDocument) {
    this.#document = document;
  }

  /** Who changed what, when and why, newest first. */
  list({ limit, before, ...options }: ListSettingsVersionsOptions = {}): Promise<ListSettingsVersionsResponse> {
    return this.#document.read('/versions', { limit, before }, options);
  }

  /** The whole document as it was in one version. */
  get<T extends object = Record<string, unknown>>(
    version: number,
    options?: CallOptions,
  ): Promise<GetSettingsVersionResponse<T>> {
    return this.#document.read(`/versions/${version}`, {}, options);
  }

  /** What makes one version of another, as a JSON Patch (RFC 6902). */
  diff(version: number, { from, ...options }: DiffSettingsVersionsOptions = {}): Promise<DiffSettingsVersionsResponse> {
    return this.#document.read(`/versions/${version}/diff`, { from }, options);
  }

  /** Makes a new version with the document of an old one; none if nothing differs. */
  restore<T extends object = AnySettings>(
    version: number,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  restore(version: number, options?: SettingsChangeOptions): Promise<SettingsWrittenResponse>;
  restore(
    version: number,
    options?: SettingsChangeOptions | SettingsDryRunOptions,
  ): Promise<SettingsWrittenResponse | SettingsDryRunResponse> {
    return this.#document.change('POST', `/versions/${version}/restore`, undefined, options);
  }
}
