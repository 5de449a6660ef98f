import { FlashbackClient, type UserProfile } from '@flashback/client/lossless';
import { type LiveChange, liveSettings } from '@flashback/client/live';
import { effect, signal } from '@preact/signals';
import { serviceUrl } from './configuration.js';

/** How long before its end a session's end is told, in milliseconds. */
const WARNING_MS = 2 * 60_000;

/** How often it is looked whether the stream of changes is still there, in milliseconds. */
const STALE_CHECK_MS = 2_000;

/** The token is kept nowhere but here. */
let token = '';

export const client = new FlashbackClient({
  baseUrl: serviceUrl,
  accessToken: () => token,
  fetch: async (...request) => {
    const reply = await fetch(...request);
    if (reply.status === 401 && user.value !== undefined) ending.value = 'over';
    return reply;
  },
});

/** Who is signed in. */
export const user = signal<UserProfile | undefined>(undefined);

/** Whether the session ends soon, or is over; what was typed stays until somebody signs in again. */
export const ending = signal<'soon' | 'over' | undefined>(undefined);

/** The newest version that others, or this page, made of the settings. */
export const liveChange = signal<LiveChange | undefined>(undefined);

/** Whether the page hears of changes by itself. */
export const isConnected = signal(true);

let timers: ReturnType<typeof setTimeout>[] = [];
let live = new AbortController();

/**
 * Signs in, or goes on with another token.
 *
 * @throws FlashbackError, as the service refuses it
 */
export async function signIn(newToken: string): Promise<void> {
  const previous = token;
  token = newToken.trim();
  try {
    const { data } = await client.users.profile();
    // Whoever comes back as somebody else finds nothing of the one before.
    if (user.value?.id !== data.id) user.value = data;
    ending.value = undefined;
    expectEndOf(token);
    follow();
  } catch (error) {
    token = previous;
    throw error;
  }
}

export function signOut(): void {
  token = '';
  timers.forEach(clearTimeout);
  live.abort();
  ending.value = undefined;
  user.value = undefined;
}

function expectEndOf(jwt: string): void {
  timers.forEach(clearTimeout);
  const end = endOf(jwt);
  if (end === undefined) return;
  const inMs = end - Date.now();
  // Timers hold no longer delay, and a page is seldom open for so long.
  if (inMs > 2 ** 31 - 1) return;
  timers = [
    setTimeout(() => (ending.value ??= 'soon'), inMs - WARNING_MS),
    setTimeout(() => (ending.value = 'over'), inMs),
  ];
}

/** When a token ends, as its `exp` says (RFC 7519 §4.1.4), in milliseconds; the service is who checks it. */
function endOf(jwt: string): number | undefined {
  try {
    const claims = atob((jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const { exp } = JSON.parse(claims) as { exp?: number };
    return exp === undefined ? undefined : exp * 1000;
  } catch {
    return undefined;
  }
}

/** Listens to the stream of changes, until somebody else signs in. Without it the page works, and has to be asked. */
function follow(): void {
  live.abort();
  live = new AbortController();
  const { signal } = live;
  isConnected.value = true;
  liveSettings(client, { signal }).then(
    (settings) => {
      settings.on('change', (change) => (liveChange.value = change));
      const timer = setInterval(() => (isConnected.value = settings.staleForMs < STALE_CHECK_MS), STALE_CHECK_MS);
      signal.addEventListener('abort', () => clearInterval(timer));
    },
    () => {
      if (!signal.aborted) isConnected.value = false;
    },
  );
}

/** Forgets what is kept for one user as soon as it is another. */
export function onAnotherUser(forget: () => void): void {
  let id: string | undefined;
  effect(() => {
    if (user.value?.id !== id) forget();
    id = user.value?.id;
  });
}
