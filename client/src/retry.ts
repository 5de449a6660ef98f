import type { Call } from './call.js';
import { causesOf } from './causes.js';
import { FlashbackError } from './flashback-error.js';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;

/** A longer wait than this is not waited for: the caller gets the error at once. */
const MAX_RETRY_AFTER_MS = 60_000;

const TRANSIENT = ['unreachable', 'timed_out', 'rate_limited', 'unavailable', 'server_error'];

/** The statuses with which the service refuses before it does anything. */
const REFUSALS = [429, 503];

/** Node's codes for a connection that never came about. Other platforms do not tell. */
const NO_CONNECTION = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * How long to wait before the next attempt, `undefined` when there must be none: exponential backoff with full jitter,
 * on top of what `Retry-After` asks for.
 *
 * @param attempt how many attempts failed before this one
 */
export function retryDelayMs(call: Call, error: FlashbackError, attempt: number): number | undefined {
  const mayRepeat = call.isRepeatable ? TRANSIENT.includes(error.code) : wasSurelyNotApplied(error);
  const { retryAfterMs = 0 } = error;
  if (!mayRepeat || retryAfterMs > MAX_RETRY_AFTER_MS) return undefined;
  return retryAfterMs + backoffMs(attempt, MAX_BACKOFF_MS);
}

/** Exponential backoff with full jitter. @param attempt how many failed before this one */
export function backoffMs(attempt: number, maxMs: number): number {
  return Math.random() * Math.min(maxMs, FIRST_BACKOFF_MS * 2 ** attempt);
}

/** Whether somebody who has all the time may try again: not when they have no right, or asked for what cannot be. */
export function mayPass(error: unknown): boolean {
  return error instanceof FlashbackError && [...TRANSIENT, 'malformed_reply'].includes(error.code);
}

/**
 * What a `Retry-After` asks for: seconds or an HTTP date (RFC 9110 §10.2.3), by this machine's clock. `undefined` for
 * anything else.
 */
export function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = header.endsWith('GMT') ? Date.parse(header) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Whether the service refused the request before it did anything, or never got it. */
export function wasSurelyNotApplied(error: FlashbackError): boolean {
  if (error.status !== undefined) return REFUSALS.includes(error.status);
  return causesOf(error).some(({ code = '' }) => NO_CONNECTION.includes(code));
}
