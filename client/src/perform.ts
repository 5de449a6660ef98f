import type { Call } from './call.js';
import { causesOf } from './causes.js';
import type { FlashbackClientOptions } from './client-options.js';
import { FlashbackError } from './flashback-error.js';
import { readReply } from './reply.js';
import { retryDelayMs, wasSurelyNotApplied } from './retry.js';
import { pause, within } from './within.js';

export interface ResolvedOptions extends Required<Omit<FlashbackClientOptions, 'organizationId'>> {
  /** Of calls that have no time limit of their own. */
  patienceMs: number;
}

/**
 * Makes attempts until one succeeds, or fails for good, or the time is over.
 *
 * Waits that the service asks for are no retries, and take no time of calls without a time limit of their own.
 *
 * @throws FlashbackError the last attempt's, or that of a conditional write's first attempt that may have been applied;
 *   what `accessToken` throws, as it is
 */
export function perform(call: Call, options: ResolvedOptions, signal: AbortSignal | undefined): Promise<unknown> {
  const { waitMs = 0 } = call;
  const timeoutMs = (call.timeoutMs ?? options.timeoutMs) + waitMs;
  let patienceMs = call.timeoutMs === undefined ? options.patienceMs : 0;
  let deadline = performance.now() + timeoutMs;
  const attemptMs = call.isRepeatable ? options.attemptTimeoutMs + waitMs : Infinity;
  return within(timeoutMs + patienceMs, call.name, signal, async (callSignal) => {
    let doubt: FlashbackError | undefined;
    for (let failures = 0; ;) {
      const leftMs = Math.ceil(deadline - performance.now());
      try {
        return await within(
          Math.min(attemptMs, leftMs),
          call.name,
          callSignal,
          (attemptSignal) => attemptOnce(call, options, attemptSignal),
          attemptMs < leftMs ? attemptMs : timeoutMs,
        );
      } catch (error) {
        if (!(error instanceof FlashbackError) || callSignal.aborted) throw error;
        if (doubt !== undefined && error.code === 'precondition_failed') return settle(call, error, doubt, callSignal);
        if (call.isConditional && !wasSurelyNotApplied(error)) doubt ??= error;
        const delayMs = retryDelayMs(call, error, failures);
        if (delayMs !== undefined && error.retryAfterMs && delayMs <= patienceMs) {
          patienceMs -= delayMs;
          deadline += delayMs;
        } else if (delayMs === undefined || failures++ >= options.retries || performance.now() + delayMs >= deadline) {
          throw doubt ?? error;
        }
        await pause(delayMs, callSignal);
      }
    }
  });
}

/**
 * The reply to a write that was refused although it was its own earlier attempt, in `doubt`, that was faster.
 *
 * @throws FlashbackError the refusal, where it was not, or where nobody keeps who it was; the doubt, when that cannot
 *   be found out now, or something on the way gives requests ids of its own
 */
async function settle(
  call: Call,
  refusal: FlashbackError,
  doubt: FlashbackError,
  signal: AbortSignal,
): Promise<unknown> {
  if (call.recall === undefined) throw refusal;
  if (refusal.requestId !== call.headers['x-request-id']) throw doubt;
  const reply = await call.recall(signal).catch(() => {
    throw doubt;
  });
  if (reply === undefined) throw refusal;
  return reply;
}

async function attemptOnce(call: Call, options: ResolvedOptions, signal: AbortSignal): Promise<unknown> {
  let text = '';
  const response = await fetchReply(call, options, signal, async (reply) => {
    text = await reply.text();
  });
  return readReply(call, response, text, options.json);
}

/**
 * Sends a request with a token.
 *
 * @param read takes the body, which may break off
 * @throws FlashbackError `unreachable`, or the signal's reason; what `accessToken` throws
 */
export async function fetchReply(
  call: Call,
  { accessToken, fetch }: ResolvedOptions,
  signal: AbortSignal,
  read?: (response: Response) => Promise<void>,
): Promise<Response> {
  const headers = new Headers(call.headers);
  headers.set('authorization', `Bearer ${typeof accessToken === 'function' ? await accessToken() : accessToken}`);
  // A redirect that is followed can turn a write into a read, which would then look like a success.
  const request: RequestInit = { method: call.method, headers, signal, redirect: 'manual' };
  if (call.body !== undefined) request.body = call.body;
  try {
    const response = await fetch(call.url, request);
    await read?.(response);
    return response;
  } catch (cause) {
    signal.throwIfAborted();
    // Fetch's own message says no more than that it failed.
    const { message, code, name } = causesOf(cause).at(-1) ?? {};
    throw new FlashbackError(
      'unreachable',
      `${call.name} got no reply: ${message || code || name || 'no reason given'}`,
      { cause },
    );
  }
}
