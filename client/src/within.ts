import { FlashbackError } from './flashback-error.js';

/** Timers hold no longer delay; one that is longer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs `work` and settles as it does, but rejects as soon as the time is over or `outer` is aborted, whether or not the
 * work takes notice of its signal.
 *
 * @param ms `Infinity` for no limit
 * @param name of the work, for the message
 * @param limitMs for the message, where `ms` is what is left of it
 * @throws FlashbackError `timed_out`, or `aborted` with the signal's reason as its cause; nothing is begun under a
 *   signal that already is
 */
export async function within<T>(
  ms: number,
  name: string,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  limitMs = ms,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const cancel = () => controller.abort(errorOf(outer?.reason));
  const expire = () => controller.abort(new FlashbackError('timed_out', `${name} took longer than ${limitMs} ms`));

  if (outer?.aborted) cancel();
  signal.throwIfAborted();
  const timer = ms <= MAX_TIMER_MS ? setTimeout(expire, ms) : undefined;
  const followers = outer && followersOf(outer).add(cancel);
  try {
    return await Promise.race([rejectionOn(signal), work(signal)]);
  } finally {
    clearTimeout(timer);
    followers?.delete(cancel);
  }
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end);
  });
}

const followersBySignal = new WeakMap<AbortSignal, Set<() => void>>();

/** What runs when the signal is aborted. One listener for all, because Node warns of more than ten. */
function followersOf(signal: AbortSignal): Set<() => void> {
  const known = followersBySignal.get(signal);
  if (known !== undefined) return known;
  const followers = new Set<() => void>();
  followersBySignal.set(signal, followers);
  signal.addEventListener('abort', () => followers.forEach((follow) => follow()));
  return followers;
}

function rejectionOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as FlashbackError)));
}

/** The error for a signal's reason; that of a call stays what it is in its attempts. */
function errorOf(reason: unknown): FlashbackError {
  if (reason instanceof FlashbackError) return reason;
  return (reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
    ? new FlashbackError('timed_out', 'The signal of the call timed out', { cause: reason })
    : new FlashbackError('aborted', 'The call was aborted', { cause: reason });
}
