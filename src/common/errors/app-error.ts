import type { ErrorCode } from './error-code.js';

/** What went wrong, as far as a caller can act on it; `HTTP_STATUS_OF` gives each kind its HTTP status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'not-acceptable'
  | 'conflict'
  | 'precondition-failed'
  | 'too-large'
  | 'unsupported-media-type'
  | 'too-many-requests'
  | 'unavailable'
  | 'internal';

/**
 * The base of every error that is meant for a caller.
 *
 * Its texts reach the client word for word, so they never carry an exception's message, SQL or a path.
 */
export abstract class AppError extends Error {
  /** What `X-Error-Code` says on the reply. */
  abstract readonly code: ErrorCode;
  abstract readonly kind: ErrorKind;

  /** What the reply says beside its body. */
  readonly headers: Readonly<Record<string, string>> = {};

  constructor(
    message: string,
    /** What exactly was wrong, where the message alone does not say it. */
    readonly detail?: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}
