import type { MakeRequest, Method, RequestOptions } from './call.js';
import type { SettingsChangeOptions, SettingsDryRunOptions } from './settings-types.js';
import { withQuery } from './with-query.js';

/** The requests on one settings document, at paths that begin with its own. */
export class SettingsDocument {
  readonly #request: MakeRequest;
  readonly #path: string;

  constructor(request: MakeRequest, path: string) {
    this.#request = request;
    this.#path = path;
  }

  read<Reply>(
    subpath: string,
    query: Record<string, string | number | undefined>,
    options?: RequestOptions,
  ): Promise<Reply> {
    return this.#request(withQuery(`${this.#path}${subpath}`, query), 'GET', undefined, options);
  }

  change<Reply>(
    method: Method,
    subpath: string,
    body: unknown,
    { dryRun, ...options }: SettingsChangeOptions | SettingsDryRunOptions = {},
    mediaType?: string,
  ): Promise<Reply> {
    return this.#request(`${this.#path}${subpath}${dryRun ? '?dryRun=true' : ''}`, method, body, {
      ...options,
      ...(mediaType && { mediaType }),
      withVersion: true,
      ...(dryRun ? { isRepeatable: true } : { versionsPath: `${this.#path}/versions` }),
    });
  }
}
