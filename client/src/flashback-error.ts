/** What a caller branches on. */
export type FlashbackErrorCode =
  | 'unauthorized' // 401: the token is missing, wrong or expired
  | 'forbidden' // 403: the caller's role does not suffice
  | 'not_found' // 404
  | 'conflict' // 409: a JSON Patch does not apply to what is there
  | 'precondition_failed' // 412: somebody else changed it meanwhile
  | 'too_large' // 413
  | 'unsupported_media_type' // 415
  | 'rate_limited' // 429
  | 'invalid' // 400, or another 4xx
  | 'unavailable' // 502, 503, 504
  | 'server_error' // 500, or another 5xx
  | 'unreachable' // no connection, or it was lost before the whole reply was there
  | 'timed_out' // no whole reply in time, or the caller's signal timed out
  | 'aborted' // the caller's signal was aborted
  | 'malformed_reply'; // a success without a JSON object, or a redirect: probably not the service at all

/** A rule or a lock of a policy that a change breaks. */
export interface PolicyViolation {
  /** Where, as a JSON Pointer (RFC 6901). */
  readonly pointer: string;
  /** A keyword of JSON Schema, such as `pattern`, or `lock`. */
  readonly rule: string;
  /** What the rule says, or why the setting is locked. */
  readonly message: string;
  /** Whose policy it is. */
  readonly by: 'system' | 'organization';
}

export interface FlashbackErrorDetails {
  status?: number;
  error?: string | undefined;
  requestId?: string | undefined;
  body?: unknown;
  currentVersion?: number | undefined;
  currentVersionBy?: string | undefined;
  currentVersionAt?: string | undefined;
  retryAfterMs?: number | undefined;
  violations?: readonly PolicyViolation[] | undefined;
  cause?: unknown;
}

/**
 * A call that did not succeed. `message` is the reply's, word for word, where there is a reply that has one.
 *
 * `name` is `AbortError` when the caller's signal was aborted, as the platform has it, and `FlashbackError` otherwise.
 */
export class FlashbackError extends Error {
  readonly code: FlashbackErrorCode;
  /** The HTTP status; `undefined` when there was no reply. */
  readonly status: number | undefined;
  /** The reply's `error`: what exactly was wrong, where the message does not say it. */
  declare readonly error: string | undefined;
  /** The reply's `X-Request-Id`, by which the service's logs name the request. */
  declare readonly requestId: string | undefined;
  /** The reply's parsed body, or its text when that is not JSON. */
  declare readonly body: unknown;
  /** Of a 412: the version that is the current one. */
  declare readonly currentVersion: number | undefined;
  /** Of a 412, where the caller may know: the id of the user or service account who made that version. */
  declare readonly currentVersionBy: string | undefined;
  /** Of a 412, where the caller may know: when that version was made, as a date-time (RFC 3339). */
  declare readonly currentVersionAt: string | undefined;
  /** How long the service asked to wait before another attempt (`Retry-After`). */
  declare readonly retryAfterMs: number | undefined;
  /** Of a change that policies refuse: up to 10 of the rules and locks that it breaks (`Settings-Violations`). */
  declare readonly violations: readonly PolicyViolation[] | undefined;

  constructor(code: FlashbackErrorCode, message: string, { cause, ...details }: FlashbackErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = code === 'aborted' ? 'AbortError' : 'FlashbackError';
    this.code = code;
    Object.assign(this, details);
  }
}
