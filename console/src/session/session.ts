import { FlashbackClient, type UserProfile } from '@flashback/client/lossless';
import { type FollowedDocument, type FollowedVersion, followVersions } from '@flashback/client/live';
import { effect, signal } from '@preact/signals';
import { texts } from '../texts.js';
import { serviceUrl } from './configuration.js';

/** How long before its end a session's end is told, in milliseconds. */
const WARNING_MS = 2 * 60_000;

/** For how long the stream of changes may be away before that is told, in milliseconds: as a rule it comes back. */
const AWAY_MS = 3_000;

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

/** The newest version of each document that the page heard of. */
export const versions = signal<Readonly<Partial<Record<FollowedDocument, number>>>>({});

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
    become(data);
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
  let timer: ReturnType<typeof setTimeout>;
  const onConnection = (isThere: boolean) => {
    clearTimeout(timer);
    if (isThere) isConnected.value = true;
    else if (!signal.aborted) timer = setTimeout(() => (isConnected.value = false), AWAY_MS);
  };
  signal.addEventListener('abort', () => clearTimeout(timer));
  followVersions(client, { onVersions: note, onConnection }, signal).catch(() => {
    if (!signal.aborted) isConnected.value = false;
  });
}

function note(told: readonly FollowedVersion[]): void {
  const orgId = user.peek()?.orgId;
  // Versions of one organization say nothing of another.
  if (told.some(({ organizationId = orgId }) => organizationId !== orgId)) {
    void refreshUser().catch(() => undefined);
    return;
  }
  const news = told.filter(({ document, version }) => version > (versions.peek()[document] ?? -1));
  if (news.length === 0) return;
  const newest = Object.fromEntries(news.map(({ document, version }) => [document, version]));
  versions.value = { ...versions.peek(), ...newest };
}

/** Asks again who is signed in: somebody may have given them another role, name or organization. */
export async function refreshUser(): Promise<void> {
  const before = user.peek();
  const { data } = await client.users.profile();
  if (before !== user.peek() || JSON.stringify(before) === JSON.stringify(data)) return;
  become(data);
  // The stream tells of the old organization until the service ends it.
  if (before?.orgId !== data.orgId) follow();
}

/**
 * Makes sure, before a change, that the one who is signed in still is in an organization: a document of another one
 * may have a version of the same number.
 *
 * @throws Error when they are in another one; FlashbackError
 */
export async function insistOnOrganization(orgId: string | null): Promise<void> {
  await refreshUser();
  if (user.peek()?.orgId !== orgId) throw new Error(texts.organizationNews);
}

/** Takes over who is signed in, and forgets what is known of somebody else, or of another organization. */
function become(profile: UserProfile): void {
  if (membershipOf(user.peek()) !== membershipOf(profile)) versions.value = {};
  user.value = profile;
}

/** Names a user in an organization. */
export function membershipOf(profile: UserProfile | undefined): string | undefined {
  return profile && `${profile.id} ${profile.orgId}`;
}

/** Forgets what is kept for one user in one organization as soon as it is another user, or another organization. */
export function onAnotherMembership(forget: () => void): void {
  let known: string | undefined;
  effect(() => {
    const current = membershipOf(user.value);
    if (current !== known) forget();
    known = current;
  });
}
