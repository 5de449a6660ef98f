import type { MakeRequest, Method, RequestOptions } from './call.js';
import type { SettingsChangeOptions, SettingsDryRunOptions } from './settings-types.js';

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
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&');
    return this.#request(`${this.#path}${subpath}${text && `?${text}`}`, 'GET', undefined, options);
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
