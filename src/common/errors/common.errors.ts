import { AppError } from './app-error.js';

/**
 * The body or a value in it is wrong; `detail` names what.
 *
 * The message that the client sees is the route's own (see `ErrorEnvelope`).
 */
export class InvalidInputError extends AppError {
  readonly code = 'INVALID_INPUT';
  readonly kind = 'invalid';

  constructor(override readonly detail: string) {
    super(detail, detail);
  }
}

/** The body is not JSON text in UTF-8 (RFC 8259). */
export class MalformedJsonError extends InvalidInputError {
  constructor() {
    super('Malformed JSON in request body');
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

/** The body has a media type, a charset or a content coding that the route does not take. */
export class UnsupportedMediaTypeError extends AppError {
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  readonly kind = 'unsupported-media-type';

  constructor() {
    super('Unsupported media type', 'the body must be application/json in UTF-8');
  }
}

/** Whatever the caller can do nothing about. */
export class InternalError extends AppError {
  readonly code = 'INTERNAL';
  readonly kind = 'internal';

  constructor(detail?: 'Database connection failed') {
    super('Internal server error', detail);
  }
}
