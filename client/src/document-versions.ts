import type { CallOptions } from './call.js';
import type { Content, Contents } from './document-types.js';
import type { VersionedDocument } from './versioned-document.js';
import type {
  AnySettings,
  DiffSettingsVersionsOptions,
  DiffSettingsVersionsResponse,
  ListSettingsVersionsOptions,
  ReadSettings,
  SettingsChangeOptions,
  SettingsDryRunOptions,
  SettingsWrittenResponse,
} from './settings-types.js';

/** What a document was. A version that does not exist, or is not kept any more, is `not_found`. */
export class DocumentVersionsResource<Of extends Content, Settings extends object = AnySettings> {
  readonly #document: VersionedDocument;

  constructor(document: VersionedDocument) {
    this.#document = document;
  }

  /** Who changed what, when and why, newest first. */
  list({ limit, before, ...options }: ListSettingsVersionsOptions = {}): Promise<Contents<object>[Of]['versions']> {
    return this.#document.read('/versions', { limit, before }, options);
  }

  /** The whole document as it was in one version. */
  get<T extends object = ReadSettings<Settings>>(
    version: number,
    options?: CallOptions,
  ): Promise<Contents<T>[Of]['version']> {
    return this.#document.read(`/versions/${version}`, {}, options);
  }

  /** What makes one version of another, as a JSON Patch (RFC 6902). */
  diff(version: number, { from, ...options }: DiffSettingsVersionsOptions = {}): Promise<DiffSettingsVersionsResponse> {
    return this.#document.read(`/versions/${version}/diff`, { from }, options);
  }

  /** Makes a new version with the document of an old one; none if nothing differs. */
  restore<T extends object = Settings>(
    version: number,
    options: SettingsDryRunOptions,
  ): Promise<Contents<T>[Of]['dryRun']>;
  restore(version: number, options?: SettingsChangeOptions): Promise<SettingsWrittenResponse>;
  restore(
    version: number,
    options?: SettingsChangeOptions | SettingsDryRunOptions,
  ): Promise<SettingsWrittenResponse | Contents<object>[Of]['dryRun']> {
    return this.#document.change('POST', `/versions/${version}/restore`, undefined, options);
  }
}
