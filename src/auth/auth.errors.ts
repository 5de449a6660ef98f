import { AppError } from '../common/errors/app-error.js';

/** The request is not authenticated: it has no bearer token, or an invalid one. */
export class UnauthorizedError extends AppError {
  readonly code = 'UNAUTHORIZED';
  readonly kind = 'unauthorized';
  override readonly headers: Record<string, string>;

  private constructor(
    detail: string,
    /** RFC 6750 §3. */
    challenge: string,
  ) {
    super('Unauthorized', detail);
    this.headers = { 'WWW-Authenticate': challenge };
  }

  /** No token was sent: the challenge carries no error code (RFC 6750 §3.1). */
  static missingToken(): UnauthorizedError {
    return new UnauthorizedError('a bearer token is required', 'Bearer');
  }

  static invalidToken(reason: 'the token is not valid' | 'the token has expired' | 'the token is not valid yet') {
    return new UnauthorizedError(reason, `Bearer error="invalid_token", error_description="${reason}"`);
  }
}
