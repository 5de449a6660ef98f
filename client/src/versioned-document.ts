import type { ChangeOptions, MakeRequest, Method, RequestOptions } from './call.js';
import type { FlashbackError } from './flashback-error.js';
import { backoffMs, mayPass } from './retry.js';
import { type IfChanged, ifChanged } from './schema.js';
import { withQuery } from './with-query.js';
import { pause } from './within.js';

/** For how long a read waits for a change. */
const WAIT_SECONDS = 25;

/** A read that finds nothing new sooner did not wait. */
const MIN_WAIT_MS = 1_000;

const MAX_BACKOFF_MS = 30_000;

type Query = Parameters<typeof withQuery>[1];

/** The requests on one document, at paths that begin with its own. */
export class VersionedDocument {
  readonly #request: MakeRequest;
  readonly #path: string;

  constructor(request: MakeRequest, path: string) {
    this.#request = request;
    this.#path = path;
  }

  read<Reply>(subpath: string, query: Query, options?: RequestOptions): Promise<Reply> {
    return this.#request(withQuery(`${this.#path}${subpath}`, query), 'GET', undefined, options);
  }

  /** The document unless it is the one that the options name. @param wait for a change, in seconds */
  async readIfChanged<Reply extends object>(
    query: Query,
    { wait, ...options }: RequestOptions & { wait?: number },
  ): Promise<IfChanged<Reply>> {
    const waitMs = 1000 * (wait ?? 0);
    return ifChanged(await this.read<Reply | undefined>('', { ...query, wait }, { ...options, waitMs }));
  }

  /**
   * The document now, and again whenever it changes, until the signal is aborted.
   *
   * @param view of what is no single document: its replies keep their tags, because they have no version
   */
  async *watch<Reply extends object>(
    { signal }: { signal?: AbortSignal },
    view?: Query,
  ): AsyncGenerator<Reply, void, undefined> {
    let tag: string | undefined;
    for (let failures = 0; !signal?.aborted;) {
      const since = performance.now();
      let waitMs = 0;
      try {
        const found = await this.read<(Reply & { tag?: string | undefined }) | undefined>(
          '',
          { ...view, wait: tag && WAIT_SECONDS },
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
          tag = found.tag;
          if (view === undefined) delete found.tag;
          yield found as Awaited<Reply>;
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
    { dryRun, impact, ...options }: ChangeOptions & { dryRun?: boolean; impact?: boolean } = {},
    mediaType?: string,
  ): Promise<Reply> {
    const path = withQuery(`${this.#path}${subpath}`, { dryRun: dryRun || undefined, impact });
    return this.#request(path, method, body, {
      ...options,
      ...(mediaType && { mediaType }),
      withVersion: true,
      ...(dryRun ? { isRepeatable: true } : { versionsPath: `${this.#path}/versions` }),
    });
  }
}
