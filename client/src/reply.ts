import type { Call } from './call.js';
import type { Json } from './client-options.js';
import { readVersion } from './entity-tag.js';
import { FlashbackError, type FlashbackErrorCode, type PolicyViolation } from './flashback-error.js';
import { readRetryAfter } from './retry.js';

const CODES: Record<number, FlashbackErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/**
 * The body of a success; `undefined` where there can be none (HEAD, 204), or a conditional read found nothing new.
 *
 * @throws FlashbackError for every other reply
 */
export function readReply(call: Call, response: Response, text: string, json: Json): unknown {
  const { ok, status, headers } = response;
  if (status === 304 && call.headers['if-none-match'] !== undefined) return undefined;
  if (ok && (call.method === 'HEAD' || status === 204)) return undefined;

  let body: unknown = text;
  let cause: unknown;
  try {
    body = json.parse(text);
  } catch (error) {
    cause = error;
  }
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const header = (name: string) => headers.get(name) ?? undefined;
  const version = readVersion(header('etag'));
  if (ok && members === body) {
    const next = call.withNext && readNext(header('link'));
    const warning = call.withVersion && header('settings-warning');
    return {
      ...members,
      ...(call.withVersion && version !== undefined && { version }),
      ...(warning && { warning }),
      ...(next && { next }),
      ...(call.withTag && { tag: header('etag') }),
    };
  }

  const { message, error } = members;
  const answer = `${call.name} was answered with ${ok ? 'no JSON object' : `status ${status}`}`;
  throw new FlashbackError(codeOf(status), typeof message === 'string' ? message : answer, {
    status,
    error: typeof error === 'string' ? error : undefined,
    requestId: header('x-request-id'),
    body,
    currentVersion: status === 412 ? version : undefined,
    currentVersionBy: decoded(header('current-version-by'), decodeText),
    currentVersionAt: header('current-version-at'),
    retryAfterMs: readRetryAfter(header('retry-after')),
    violations: decoded(header('settings-violations'), JSON.parse as (text: string) => PolicyViolation[]),
    cause: ok ? cause : undefined,
  });
}

/** The `after` of the next page (RFC 8288). */
function readNext(link = ''): string | undefined {
  const after = /<[^>]*[?&]after=([^&>]*)[^>]*>;\s*rel="next"/.exec(link)?.[1];
  return after && decodeURIComponent(after);
}

/** What a header says; `undefined` where there is none, or nobody can read it. */
function decoded<T>(text: string | undefined, decode: (text: string) => T): T | undefined {
  try {
    return text === undefined ? text : decode(text);
  } catch {
    return undefined;
  }
}

/** A text that is as it is, or percent-encoded (RFC 8187). */
function decodeText(text: string): string {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(text)?.[1];
  return encoded === undefined ? text : decodeURIComponent(encoded);
}

function codeOf(status: number): FlashbackErrorCode {
  if (status < 400) return 'malformed_reply';
  return CODES[status] ?? (status < 500 ? 'invalid' : 'server_error');
}
