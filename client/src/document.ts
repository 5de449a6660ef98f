import type { MakeRequest } from './call.js';
import type { Content, Contents } from './document-types.js';
import { DocumentVersionsResource } from './document-versions.js';
import type { IfChanged } from './schema.js';
import { VersionedDocument } from './versioned-document.js';
import type {
  AnySettings,
  GetIfChangedOptions,
  GetSettingsOptions,
  ReadSettings,
  SettingsChangeOptions,
  SettingsDryRunOptions,
  SettingsWrittenResponse,
  WatchOptions,
} from './settings-types.js';
import { timeText } from './with-query.js';

export type Options = SettingsChangeOptions | SettingsDryRunOptions;
type Changed<Of extends Content, T extends object> = Promise<SettingsWrittenResponse | Contents<T>[Of]['dryRun']>;

/** What all documents have: settings, and policies. */
export class DocumentResource<Of extends Content, Settings extends object = AnySettings> {
  readonly versions: DocumentVersionsResource<Of, Settings>;
  protected readonly document: VersionedDocument;

  constructor(request: MakeRequest, path: string) {
    this.document = new VersionedDocument(request, path);
    this.versions = new DocumentVersionsResource(this.document);
  }

  /** The whole document; `{}` before the first write. With `at` as it was then, `not_found` if that is not kept. */
  async get<T extends object = ReadSettings<Settings>>({ at, ...options }: GetSettingsOptions = {}): Promise<
    Contents<T>[Of]['read']
  > {
    return this.document.read('', { at: timeText(at) }, { ...options, withVersion: true });
  }

  /**
   * The document if its version is another than the one that you have; else only that nothing has changed. With `wait`
   * as soon as it is another.
   */
  getIfChanged<T extends object = ReadSettings<Settings>>(
    version: number,
    options?: GetIfChangedOptions,
  ): Promise<IfChanged<Contents<T>[Of]['read']>> {
    return this.document.readIfChanged({}, { ...options, ifNotVersion: version, withVersion: true });
  }

  /**
   * The document now, and again whenever it changes: `for await (const { settings, version } of … .watch({ signal }))`.
   * A version may be left out where another follows soon; the last one is always there. It ends when the signal is
   * aborted. A service that is away, or busy, is asked again until it answers; what cannot be cured (`unauthorized`,
   * `forbidden`, `not_found`, `invalid`) is thrown.
   */
  watch<T extends object = ReadSettings<Settings>>(
    options: WatchOptions = {},
  ): AsyncGenerator<Contents<T>[Of]['read'], void, undefined> {
    return this.document.watch(options);
  }

  /** Puts another in the place of the whole document. */
  update<T extends object = Settings>(
    request: NoInfer<Contents<T>[Of]['update']>,
    options: SettingsDryRunOptions,
  ): Promise<Contents<T>[Of]['dryRun']>;
  update<T extends object = Settings>(
    request: NoInfer<Contents<T>[Of]['update']>,
    options?: SettingsChangeOptions,
  ): Promise<SettingsWrittenResponse>;
  update<T extends object>(request: Contents<T>[Of]['update'], options?: Options): Changed<Of, T> {
    return this.document.change('POST', '', request, options);
  }

  /**
   * Applies a JSON Patch (RFC 6902), an array of at most 256 operations that all apply or none, or a JSON Merge Patch
   * (RFC 7396), an object in which `null` deletes. What does not apply to the document, such as a `test`, throws a
   * `conflict`.
   */
  patch<T extends object = Settings>(
    changes: NoInfer<Contents<T>[Of]['patch']>,
    options: SettingsDryRunOptions,
  ): Promise<Contents<T>[Of]['dryRun']>;
  patch<T extends object = Settings>(
    changes: NoInfer<Contents<T>[Of]['patch']>,
    options?: SettingsChangeOptions,
  ): Promise<SettingsWrittenResponse>;
  patch<T extends object>(changes: Contents<T>[Of]['patch'], options?: Options): Changed<Of, T> {
    const kind = Array.isArray(changes) ? 'json-patch' : 'merge-patch';
    return this.document.change('PATCH', '', changes, options, `application/${kind}+json`);
  }
}
