import { UnavailableError } from '../common/errors/common.errors.js';
import type { WaitingParties } from './parties.js';

/** How long a request waits in all its queues together, in milliseconds, before it is refused. */
export const MAX_WAIT_MS = 5_000;

export interface QueueEntry extends WaitingParties {
  readonly reject: (error: unknown) => void;
}

/** What those hear who are refused. */
export interface Refusals {
  /** What there is too much of, where that is not what waits for the database. */
  readonly busy?: string | undefined;
  /** When they may come back, where too much waits. */
  readonly retryAfterSeconds?: () => number;
}

/** A caller's entries: whoever waits longest first, wherever they waited. */
type Entries<Entry> = Entry[];

/**
 * A queue in which nobody is in another's way.
 *
 * 1. Owners take turns, and so do the callers of one owner.
 * 2. What waits for one owner is bounded. When it is full, whoever has the most in it makes room for who has less, by
 *    the newest entry of theirs.
 * 3. An entry that waits too long is refused.
 */
export class TimedQueue<Entry extends QueueEntry> {
  /** What came since the others were put in their turns: where all of it is taken at once, nobody has to. */
  private fresh: Entry[] = [];
  /** By owner, and then by caller: the one whose turn is next first. */
  private readonly owners = new Map<string, Map<string, Entries<Entry>>>();
  private count = 0;
  /** Runs out for an entry that came then. */
  private timer: { readonly since: number; readonly timeout: NodeJS.Timeout } | undefined;

  /** @param maxOfOwner how many entries of one owner wait at most */
  constructor(
    private readonly maxOfOwner: number,
    private readonly refusals: Refusals = {},
  ) {}

  get length(): number {
    return this.count + this.fresh.length;
  }

  /** How many entries of one caller wait. */
  countOf(callerId: string): number {
    this.sort();
    let count = 0;
    for (const callers of this.owners.values()) count += callers.get(callerId)?.length ?? 0;
    return count;
  }

  /** @throws UnavailableError when the owner's queue is full, and nobody has more in it */
  push(entry: Entry): void {
    if (this.length >= this.maxOfOwner) this.makeRoomFor(entry);
    this.fresh.push(entry);
    this.watch(entry.since);
  }

  /** Puts entries back that were taken out; their time goes on. */
  putBack(entries: readonly Entry[]): void {
    this.sort();
    for (const entry of entries) this.add(entry);
    this.refuseLate();
  }

  /**
   * Removes and returns entries that are wanted, at most `max`, in turns.
   *
   * @param isWanted is asked about the first entry of a caller; `isNext`: it is also the owner's next one
   */
  take(max: number, isWanted: (entry: Entry, isNext: boolean) => boolean): Entry[] {
    if (this.count === 0) {
      const wanted = this.fresh.filter((entry) => isWanted(entry, true));
      if (wanted.length === 0) return wanted;
      if (wanted.length === this.fresh.length && wanted.length <= max) {
        this.fresh = [];
        return wanted;
      }
    }
    this.sort();
    const taken: Entry[] = [];
    // An owner who has more comes up again behind the others.
    for (const [ownerId, callers] of this.owners) {
      if (taken.length >= max) break;
      const next = nextOf(callers, isWanted);
      if (next === undefined) continue;
      this.remove(next);
      moveToEnd(callers, next.callerId);
      moveToEnd(this.owners, ownerId);
      taken.push(next);
    }
    return taken;
  }

  private sort(): void {
    for (const entry of this.fresh) this.add(entry);
    this.fresh = [];
  }

  private makeRoomFor({ ownerId, callerId }: Entry): void {
    this.sort();
    const callers = this.owners.get(ownerId);
    if (callers === undefined) return;
    let ofOwner = 0;
    let most: Entries<Entry> = [];
    for (const entries of callers.values()) {
      ofOwner += entries.length;
      if (entries.length > most.length) most = entries;
    }
    if (ofOwner < this.maxOfOwner) return;
    const refusal = new UnavailableError(this.refusals.busy, this.refusals.retryAfterSeconds?.());
    if (most.length <= (callers.get(callerId)?.length ?? 0) + 1) throw refusal;
    const newest = most.at(-1)!;
    this.remove(newest);
    newest.reject(refusal);
  }

  private add(entry: Entry): void {
    const { ownerId, callerId, since } = entry;
    const callers = this.owners.get(ownerId) ?? new Map<string, Entries<Entry>>();
    const entries = callers.get(callerId) ?? [];
    entries.splice(entries.findLastIndex((other) => other.since <= since) + 1, 0, entry);
    callers.set(callerId, entries);
    this.owners.set(ownerId, callers);
    this.count++;
  }

  private remove(entry: Entry): void {
    const callers = this.owners.get(entry.ownerId)!;
    const entries = callers.get(entry.callerId)!;
    entries.splice(entries.indexOf(entry), 1);
    if (entries.length === 0) callers.delete(entry.callerId);
    if (callers.size === 0) this.owners.delete(entry.ownerId);
    this.count--;
  }

  private watch(since: number): void {
    if (this.timer !== undefined && this.timer.since <= since) return;
    clearTimeout(this.timer?.timeout);
    const left = since + MAX_WAIT_MS - performance.now();
    this.timer = { since, timeout: setTimeout(() => this.refuseLate(), left).unref() };
  }

  private refuseLate(): void {
    this.sort();
    clearTimeout(this.timer?.timeout);
    this.timer = undefined;
    const latest = performance.now() - MAX_WAIT_MS;
    let oldest = Infinity;
    for (const callers of this.owners.values()) {
      for (const entries of callers.values()) {
        for (const entry of [...entries]) {
          if (entry.since > latest) {
            oldest = Math.min(oldest, entry.since);
            break;
          }
          this.remove(entry);
          entry.reject(new UnavailableError(this.refusals.busy));
        }
      }
    }
    if (oldest < Infinity) this.watch(oldest);
  }
}

function nextOf<Entry>(
  callers: Map<string, Entries<Entry>>,
  isWanted: (entry: Entry, isNext: boolean) => boolean,
): Entry | undefined {
  let isNext = true;
  for (const [first] of callers.values()) {
    if (isWanted(first!, isNext)) return first;
    isNext = false;
  }
  return undefined;
}

/** Does nothing where there is nothing under that key. */
function moveToEnd<Value>(map: Map<string, Value>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}
