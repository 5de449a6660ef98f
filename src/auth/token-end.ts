import { decodeJwt } from 'jose';
import type { IncomingHttpHeaders } from 'node:http';
import { bearerTokenOf } from './bearer-token.js';

/** When the token of a request, which was verified, expires (RFC 7519 §4.1.4), in milliseconds since the epoch. */
export function tokenEndOf(request: { headers: IncomingHttpHeaders }): number {
  const { exp = 0 } = decodeJwt(bearerTokenOf(request) ?? '');
  return exp * 1000;
}
