import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Printable, free of anything that a log or a header could trip over, and short. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:+/=@-]{1,128}$/;

/** The caller's `X-Request-Id` where it is sane, else a new UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
}
