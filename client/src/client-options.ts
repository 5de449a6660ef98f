/** How JSON is read and written; `JSON` itself by default. */
export interface Json {
  parse(text: string): unknown;
  stringify(value: unknown): string | undefined;
}

export interface FlashbackClientOptions {
  /**
   * The JWT, or a function that yields it. The function is called before every attempt and may renew an expiring token;
   * what it throws, the call throws.
   */
  accessToken: string | (() => string | Promise<string>);
  /**
   * The organization that a service account acts on. It goes with every request to `settings/organization` and below;
   * for a user it means nothing.
   */
  organizationId?: string;
  /** By default the environment's `FLASHBACK_BASE_URL`, where there is one, else `https://backend.flashback.tech`. */
  baseUrl?: string;
  /**
   * The time of a whole call, with its retries and all waits; `Infinity` for no limit. By default 30 s, and up to two
   * minutes more where the service asks for waits (`Retry-After`).
   */
  timeoutMs?: number;
  /**
   * The time of one attempt, after which the next is made, of what can be repeated: 10 s by default. Another write has
   * the time of the call.
   */
  attemptTimeoutMs?: number;
  /** How many more attempts a call may take where that is safe: 2 by default. */
  retries?: number;
  /** Stands in for the global `fetch`. */
  fetch?: typeof fetch;
  /** Stands in for the global `JSON`. */
  json?: Json;
}
