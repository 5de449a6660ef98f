import { AppError } from '../common/errors/app-error.js';

/** The request names nobody: no bearer token, or one that does not hold. */
export class UnauthorizedError extends AppError {
  readonly code = 'UNAUTHORIZED';
  readonly kind = 'unauthorized';

  private constructor(
    detail: string,
    /** The `WWW-Authenticate` header (RFC 6750 §3). */
    readonly challenge: string,
  ) {
    super('Unauthorized', detail);
  }

  /** No token was sent: the challenge carries no error code (RFC 6750 §3.1). */
  static missingToken(): UnauthorizedError {
    return new UnauthorizedError('a bearer token is required', 'Bearer');
  }

  static invalidToken(reason: 'the token is not valid' | 'the token has expired' | 'the token is not valid yet') {
    return new UnauthorizedError(reason, `Bearer error="invalid_token", error_description="${reason}"`);
  }
}
