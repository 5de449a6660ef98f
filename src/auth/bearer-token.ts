import type { IncomingHttpHeaders } from 'node:http';
import { UnauthorizedError } from './auth.errors.js';
import { isUserId, type Principal } from './principal.js';

/** RFC 6750 §2.1: the scheme, and one token of these characters. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The token in the `Authorization` header; null when there is none. Nowhere else is one looked for. */
export function bearerTokenOf({ headers: { authorization = '' } }: { headers: IncomingHttpHeaders }): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}

/**
 * Whom the claims of a verified token speak for: `sub` or, only where there is none, what the platform's own tokens
 * carry, `userId`. They must say when they end (`exp`, RFC 7519 §4.1.4).
 *
 * @throws UnauthorizedError
 */
export function principalOf(claims: Record<string, unknown>): Principal {
  const userId = claims['sub'] === undefined ? claims['userId'] : claims['sub'];
  if (!Number.isFinite(claims['exp']) || !isUserId(userId)) {
    throw UnauthorizedError.invalidToken('the token is not valid');
  }
  return { userId };
}
