import type { IncomingHttpHeaders } from 'node:http';
import type { EmailClaims } from '../config/environment.js';
import { asciiLowerCase } from '../common/validation/is-email-address.decorator.js';
import { UnauthorizedError } from './auth.errors.js';
import { isUserId, type Principal } from './principal.js';

/** RFC 6750 §2.1: the scheme, and one token of these characters. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The token in the `Authorization` header; null when there is none. It is not looked for anywhere else. */
export function bearerTokenOf({ headers: { authorization = '' } }: { headers: IncomingHttpHeaders }): string | null {
  return BEARER.exec(authorization)?.[1] ?? null;
}

/**
 * The subject that the claims of a verified token name: `sub` or, only where that is missing, `userId`, which the
 * platform's own tokens carry. The claims must say when they expire (`exp`, RFC 7519 §4.1.4).
 *
 * @param emailClaims absent: no email is looked for
 * @throws UnauthorizedError
 */
export function principalOf(claims: Record<string, unknown>, emailClaims?: EmailClaims): Principal {
  const userId = claims['sub'] === undefined ? claims['userId'] : claims['sub'];
  if (!Number.isFinite(claims['exp']) || !isUserId(userId)) {
    throw UnauthorizedError.invalidToken('the token is not valid');
  }
  const email = emailClaims && verifiedEmailOf(claims, emailClaims);
  return email === undefined ? { userId } : { userId, email };
}

/** RFC 5321 §4.5.3.1.3: a path of 256 characters, including its brackets. */
const MAX_EMAIL_LENGTH = 254;

/** The text `"true"` is no `true` (OpenID Connect Core 1.0 §5.1). */
function verifiedEmailOf(claims: Record<string, unknown>, names: EmailClaims): string | undefined {
  const claim = claims[names.email];
  if (claims[names.isVerified] !== true || typeof claim !== 'string') return undefined;
  const email = asciiLowerCase(claim);
  const isPossible = email.length <= MAX_EMAIL_LENGTH && email.isWellFormed() && !email.includes('\0');
  return isPossible && email !== '' ? email : undefined;
}
