import type { CallOptions, MakeRequest } from './call.js';
import { type IfChanged, ifChanged } from './schema.js';
import { SettingsDocument } from './settings-document.js';
import type {
  AnySettings,
  DeleteSettingsRequest,
  GetSettingsOptions,
  GetSettingsResponse,
  PartialUpdateSettingsRequest,
  PatchSettingsRequest,
  SettingsChangeOptions,
  SettingsDryRunOptions,
  SettingsDryRunResponse,
  SettingsWrittenResponse,
  UpdateSettingsRequest,
  WatchOptions,
} from './settings-types.js';
import { SettingsVersionsResource } from './settings-versions.js';
import { timeText } from './with-query.js';

type Options = SettingsChangeOptions | SettingsDryRunOptions;
type Changed<T extends object> = Promise<SettingsWrittenResponse | SettingsDryRunResponse<T>>;

/** One settings document: of the caller, or of the caller's organization, which administrators and owners may write. */
export class SettingsResource {
  readonly versions: SettingsVersionsResource;
  readonly #document: SettingsDocument;

  constructor(request: MakeRequest, path: string) {
    this.#document = new SettingsDocument(request, path);
    this.versions = new SettingsVersionsResource(this.#document);
  }

  /** The whole document; `{}` before the first write. With `at` as it was then, `not_found` if that is not kept. */
  async get<T extends object = Record<string, unknown>>({ at, ...options }: GetSettingsOptions = {}): Promise<
    GetSettingsResponse<T>
  > {
    return this.#document.read('', { at: timeText(at) }, { ...options, withVersion: true });
  }

  /** The document if its version is another than the one that you have; else only that nothing has changed. */
  async getIfChanged<T extends object = Record<string, unknown>>(
    version: number,
    options?: CallOptions,
  ): Promise<IfChanged<GetSettingsResponse<T>>> {
    return ifChanged(
      await this.#document.read<GetSettingsResponse<T> | undefined>(
        '',
        {},
        { ...options, ifNotVersion: version, withVersion: true },
      ),
    );
  }

  /**
   * The document now, and again whenever it changes: `for await (const { settings, version } of … .watch({ signal }))`.
   * A version may be left out where another follows soon; the last one is always there. It ends when the signal is
   * aborted. A service that is away, or busy, is asked again until it answers; what cannot be cured (`unauthorized`,
   * `forbidden`, `not_found`, `invalid`) is thrown.
   */
  watch<T extends object = Record<string, unknown>>(
    options: WatchOptions = {},
  ): AsyncGenerator<GetSettingsResponse<T>, void, undefined> {
    return this.#document.watch(options);
  }

  /** Puts `settings` in the place of the whole document. */
  update<T extends object = AnySettings>(
    request: UpdateSettingsRequest<T>,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  update<T extends object = AnySettings>(
    request: UpdateSettingsRequest<T>,
    options?: SettingsChangeOptions,
  ): Promise<SettingsWrittenResponse>;
  update<T extends object>(request: UpdateSettingsRequest<T>, options?: Options): Changed<T> {
    return this.#document.change('POST', '', request, options);
  }

  /**
   * Merges `changes` into the document. Objects merge at every depth; arrays, scalars and null replace; what is not
   * named stays. A dot in a key is part of its name.
   */
  partialUpdate<T extends object = AnySettings>(
    changes: PartialUpdateSettingsRequest<T>,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  partialUpdate<T extends object = AnySettings>(
    changes: PartialUpdateSettingsRequest<T>,
    options?: SettingsChangeOptions,
  ): Promise<SettingsWrittenResponse>;
  partialUpdate<T extends object>(changes: PartialUpdateSettingsRequest<T>, options?: Options): Changed<T> {
    return this.#document.change('PUT', '', changes, options);
  }

  /**
   * Applies a JSON Patch (RFC 6902), an array of at most 256 operations that all apply or none, or a JSON Merge Patch
   * (RFC 7396), an object in which `null` deletes. What does not apply to the document, such as a `test`, throws a
   * `conflict`.
   */
  patch<T extends object = AnySettings>(
    changes: PatchSettingsRequest<T>,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  patch<T extends object = AnySettings>(
    changes: PatchSettingsRequest<T>,
    options?: SettingsChangeOptions,
  ): Promise<SettingsWrittenResponse>;
  patch<T extends object>(changes: PatchSettingsRequest<T>, options?: Options): Changed<T> {
    const kind = Array.isArray(changes) ? 'json-patch' : 'merge-patch';
    return this.#document.change('PATCH', '', changes, options, `application/${kind}+json`);
  }

  /**
   * Deletes 1 to 256 keys and keeps everything else. A key is the exact name of a top-level setting or, where there is
   * none of that name, a path with dots between its segments; `\.` is a dot within a name and `\\` a backslash.
   */
  delete<T extends object = AnySettings>(
    request: DeleteSettingsRequest,
    options: SettingsDryRunOptions,
  ): Promise<SettingsDryRunResponse<T>>;
  delete(request: DeleteSettingsRequest, options?: SettingsChangeOptions): Promise<SettingsWrittenResponse>;
  delete(request: DeleteSettingsRequest, options?: Options): Changed<AnySettings> {
    return this.#document.change('DELETE', '', request, options);
  }
}
