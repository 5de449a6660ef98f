import { FlashbackClient, FlashbackError, type UserProfile } from '@flashback/client/lossless';
import { type FollowedDocument, type FollowedVersion, followVersions } from '@flashback/client/live';
import { effect, signal } from '@preact/signals';
import { texts } from '../texts.js';
import { serviceUrl } from './configuration.js';

/** How long before its end a session's end is told, in milliseconds. */
const WARNING_MS = 2 * 60_000;

/** For how long the stream of changes may be away before that is told, in milliseconds: as a rule it comes back. */
const AWAY_MS = 3_000;

/**
 * What one sign-in may do, until the next one. Its requests never go out, nor are made again, with the token of
 * another, and what becomes of them is no news of another. The token is kept nowhere but here.
 */
class Session {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  readonly client: FlashbackClient;

  constructor(readonly token: string) {
    this.client = new FlashbackClient({
      baseUrl: serviceUrl,
      accessToken: () => {
        this.signal.throwIfAborted();
        return token;
      },
      fetch: async (address, { signal, ...request } = {}) => {
        const reply = await fetch(address, {
          ...request,
          signal: AbortSignal.any([this.signal, ...(signal ? [signal] : [])]),
        });
        if (reply.status === 401 && this === session) ending.value = 'over';
        return reply;
      },
    });
  }

  end(): void {
    this.controller.abort(new FlashbackError('aborted', 'The session has ended'));
  }
}

let session = new Session('');

/** Who is about to be signed in, while the service is asked who that is. */
let next: Session | undefined;

/** Of who is signed in now. To be looked up for each request. */
export let client = session.client;

/** Who is signed in. */
export const user = signal<UserProfile | undefined>(undefined);

/**
 * Whether the session ends soon, or is over, or somebody signs in again before it is; what was typed stays until they
 * do.
 */
export const ending = signal<'soon' | 'renewing' | 'over' | undefined>(undefined);

/** The newest version of each document that the page heard of. */
export const versions = signal<Readonly<Partial<Record<FollowedDocument, number>>>>({});

/** Whether the page hears of changes by itself. */
export const isConnected = signal(true);

let timers: ReturnType<typeof setTimeout>[] = [];
let live = new AbortController();

/** A bearer token (RFC 6750 §2.1) as people copy it: with its scheme, or between quotes. */
const TOKEN = /^["']?(?:Bearer)?([\w.~+/-]+=*)["']?$/i;

/**
 * Signs in, or goes on with another token.
 *
 * @throws Error when it cannot be a token; FlashbackError, as the service refuses it, or when it was given up meanwhile
 */
export async function signIn(newToken: string): Promise<void> {
  giveUpSignIn();
  const [, token] = TOKEN.exec(newToken.replaceAll(/\s/g, '')) ?? [];
  if (token === undefined) throw new Error(texts.signIn.noToken);
  const begun = (next = new Session(token));
  const { data } = await begun.client.users.profile();
  begun.signal.throwIfAborted();
  next = undefined;
  replaceWith(begun);
  become(data);
  ending.value = undefined;
  expectEndOf(begun.token);
  follow();
}

/** Gives up a sign-in that is under way; whoever is signed in stays. */
export function giveUpSignIn(): void {
  next?.end();
  next = undefined;
}

function replaceWith(other: Session): void {
  session.end();
  session = other;
  client = other.client;
}

export function signOut(): void {
  giveUpSignIn();
  replaceWith(new Session(''));
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
 * Makes sure, before a change, that the same user still is signed in, and in the same organization: a document of
 * another one may have a version of the same number.
 *
 * @throws Error when it is another one; FlashbackError
 */
export async function insistOnMembership(membership: string | undefined): Promise<void> {
  await refreshUser();
  if (membershipOf(user.peek()) !== membership) throw new Error(texts.organizationNews);
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
