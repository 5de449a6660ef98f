import { headerText } from '../http/header-text.js';
import { AppError } from './app-error.js';
import type { ErrorCode } from './error-code.js';

/**
 * The body or a value in it is wrong; `detail` names what.
 *
 * The message that the client sees is the route's own (see `ErrorEnvelope`).
 */
export class InvalidInputError extends AppError {
  readonly code: ErrorCode = 'INVALID_INPUT';
  readonly kind = 'invalid';

  constructor(override readonly detail: string) {
    super(detail, detail);
  }
}

/** The body is not JSON text in UTF-8 (RFC 8259). */
export class MalformedJsonError extends InvalidInputError {
  override readonly code = 'MALFORMED_JSON';

  constructor() {
    super('Malformed JSON in request body');
  }
}

/** The request breaks a rule of HTTP, so nobody can say what it asks for. */
export class MalformedRequestError extends InvalidInputError {
  constructor(
    detail: string,
    override readonly code: 'MALFORMED_REQUEST' | 'HEADERS_TOO_LARGE' | 'REQUEST_TIMEOUT' = 'MALFORMED_REQUEST',
  ) {
    super(detail);
  }
}

/** No route has this path and verb. */
export class RouteNotFoundError extends AppError {
  readonly code = 'ROUTE_NOT_FOUND';
  readonly kind = 'not-found';

  constructor() {
    super('Not found');
  }
}

/** The request body, or the document that it would make, is larger than allowed. */
export class PayloadTooLargeError extends AppError {
  readonly code = 'PAYLOAD_TOO_LARGE';
  readonly kind = 'too-large';

  constructor(detail: string) {
    super('Payload too large', detail);
  }
}

/** Who made a version, and when. */
export interface VersionMade {
  /** `null` when it was an operator, or somebody who was erased. */
  readonly actorId: string | null;
  /** RFC 3339, in UTC and to the millisecond. */
  readonly at: string;
}

/** What the caller wants to change is no longer, or not yet, in the version that they named. */
export class PreconditionFailedError extends AppError {
  readonly code = 'PRECONDITION_FAILED';
  readonly kind = 'precondition-failed';
  override readonly headers: Record<string, string>;

  /**
   * @param entityTag the current version's
   * @param made who made that version, where the caller may know
   */
  constructor(entityTag: string, made?: VersionMade) {
    super('Precondition failed: the current version is different');
    this.headers = {
      ETag: entityTag,
      ...(made !== undefined && { 'Current-Version-At': made.at }),
      ...(made !== undefined && made.actorId !== null && { 'Current-Version-By': headerText(made.actorId) }),
    };
  }
}

/** The body has a media type, a charset or a content coding that the route does not take. */
export class UnsupportedMediaTypeError extends AppError {
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  readonly kind = 'unsupported-media-type';
  override readonly headers: Record<string, string>;

  /** @param mediaTypes those that the route takes; the reply names them (RFC 5789 §2.2, RFC 9110 §15.5.16) */
  constructor(method: string, mediaTypes: readonly string[]) {
    super('Unsupported media type', `the body must be ${mediaTypes.join(' or ')} in UTF-8`);
    this.headers = { [method === 'PATCH' ? 'Accept-Patch' : 'Accept']: mediaTypes.join(', ') };
  }
}

/** The caller does not accept the media type of the route's reply. */
export class NotAcceptableError extends AppError {
  readonly code = 'NOT_ACCEPTABLE';
  readonly kind = 'not-acceptable';

  constructor(mediaType: string) {
    super('Not acceptable', `the reply is ${mediaType}`);
  }
}

/** There is too much to do just now. */
export class UnavailableError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  override readonly headers: Record<string, string>;

  constructor(detail = 'too many requests are waiting for the database', retryAfterSeconds = 1) {
    super('Service unavailable', detail);
    this.headers = { 'Retry-After': String(retryAfterSeconds) };
  }
}

/** An error that the caller can do nothing about. */
export class InternalError extends AppError {
  readonly code = 'INTERNAL';
  readonly kind = 'internal';

  constructor(detail?: 'Database connection failed') {
    super('Internal server error', detail);
  }
}
