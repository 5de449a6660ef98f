import type { CallOptions, MakeRequest } from './call.js';
import type { DeepPartial } from './deep-partial.js';
import type { Schema } from './schema.js';

/** Settings of no particular type, as the API documents them: any JSON object. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- An index signature of unknown would refuse interfaces.
export type AnySettings = Record<string, any>;

export type UpdateSettingsRequest<T extends object = AnySettings> = Schema<'UpdateSettingsDto', { settings: T }>;
export type PartialUpdateSettingsRequest<T extends object = AnySettings> = DeepPartial<T>;
export type DeleteSettingsRequest = Schema<'DeleteSettingsKeysDto'>;

export type GetSettingsResponse<T extends object = Record<string, unknown>> = Schema<
  'GetSettingsResponseDto',
  { success: true; settings: T }
>;
export type SettingsWrittenResponse = Schema<'SettingsWrittenResponseDto', { success: true }>;
/** What `FlashbackError.body` holds after a refusal under `/settings`. */
export type SettingsErrorResponse = Schema<'SettingsErrorDto', { success: false }>;

/** One settings document: of the caller, or of the caller's organization, which administrators and owners may write. */
export class SettingsResource {
  readonly #request: MakeRequest;
  readonly #path: string;

  constructor(request: MakeRequest, path: string) {
    this.#request = request;
    this.#path = path;
  }

  /** The whole document; `{}` before the first write. */
  get<T extends object = Record<string, unknown>>(options?: CallOptions): Promise<GetSettingsResponse<T>> {
    return this.#request(this.#path, 'GET', undefined, options);
  }

  /** Puts `settings` in the place of the whole document. */
  update<T extends object = AnySettings>(
    request: UpdateSettingsRequest<T>,
    options?: CallOptions,
  ): Promise<SettingsWrittenResponse> {
    return this.#request(this.#path, 'POST', request, options);
  }

  /**
   * Merges `changes` into the document. Objects merge at every depth; arrays, scalars and null replace; what is not
   * named stays. A dot in a key is part of its name.
   */
  partialUpdate<T extends object = AnySettings>(
    changes: PartialUpdateSettingsRequest<T>,
    options?: CallOptions,
  ): Promise<SettingsWrittenResponse> {
    return this.#request(this.#path, 'PUT', changes, options);
  }

  /**
   * Deletes 1 to 256 keys and keeps everything else. A key is the exact name of a top-level setting or, where there is
   * none of that name, a path with dots between its segments; `\.` is a dot within a name and `\\` a backslash.
   */
  delete(request: DeleteSettingsRequest, options?: CallOptions): Promise<SettingsWrittenResponse> {
    return this.#request(this.#path, 'DELETE', request, options);
  }
}
