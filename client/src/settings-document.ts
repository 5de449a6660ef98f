import type { MakeRequest, Method, RequestOptions } from './call.js';
import type { FlashbackError } from './flashback-error.js';
import { backoffMs, mayPass } from './retry.js';
import type { SettingsChangeOptions, SettingsDryRunOptions } from './settings-types.js';
import { withQuery } from './with-query.js';
import { pause } from './within.js';

/** For how long a read waits for a change. */
const WAIT_SECONDS = 25;

/** A read that finds nothing new sooner did not wait. */
const MIN_WAIT_MS = 1_000;

const MAX_BACKOFF_MS = 30_000;

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

  /** The document now, and again whenever it changes, until the signal is aborted. */
  async *watch<Reply extends object>({ signal }: { signal?: AbortSignal }): AsyncGenerator<Reply, void, undefined> {
    let tag: string | undefined;
    for (let failures = 0; !signal?.aborted;) {
      const since = performance.now();
      let waitMs = 0;
      try {
        const found = await this.read<(Reply & { tag: string | undefined }) | undefined>(
          '',
          { wait: tag && WAIT_SECONDS },
          {
            ...(signal && { signal }),
            ifNoneMatch: tag,
            withTag: true,
            withVersion: true,
            waitMs: WAIT_SECONDS * 1000,
          },
        );
        failures = 0;
        if (found !== undefined) {
          const { tag: newTag, ...reply } = found;
          tag = newTag;
          yield reply as unknown as Reply;
        } else if (performance.now() - since < MIN_WAIT_MS) {
          // The instance stops, and does not let anybody wait any more.
          waitMs = MIN_WAIT_MS * (0.5 + Math.random());
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (!mayPass(error)) throw error;
        waitMs = Math.max((error as FlashbackError).retryAfterMs ?? 0, backoffMs(failures++, MAX_BACKOFF_MS));
      }
      if (waitMs > 0) await pause(waitMs, signal);
    }
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
