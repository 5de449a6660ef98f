import { UnavailableError } from '../common/errors/common.errors.js';

/** How long an entry waits, in milliseconds, before it is refused. */
export const MAX_WAIT_MS = 5_000;

interface Waiting {
  /** When it came, on the clock of `performance.now()`. */
  readonly since: number;
  readonly reject: (error: unknown) => void;
}

/** A queue with a time limit: an entry that waits too long is refused with `UnavailableError`. */
export class TimedQueue<Entry extends Waiting> {
  /** The oldest first. */
  private entries: Entry[] = [];
  private timer: NodeJS.Timeout | undefined;

  get length(): number {
    return this.entries.length;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
    this.timer ??= setTimeout(() => this.refuseLate(), MAX_WAIT_MS).unref();
  }

  /** Puts entries back that were taken out; their time goes on. */
  putBack(entries: readonly Entry[]): void {
    this.entries = [...entries, ...this.entries].sort((a, b) => a.since - b.since);
    this.refuseLate();
  }

  count(isCounted: (entry: Entry) => boolean): number {
    return this.entries.filter(isCounted).length;
  }

  /**
   * Removes and returns entries that `isWanted` accepts, at most `max`. Owners take turns: the oldest of each comes
   * before the second of any.
   */
  take(max: number, isWanted: (entry: Entry) => boolean, ownerOf: (entry: Entry) => string): Entry[] {
    const wanted = this.entries.filter(isWanted);
    if (wanted.length === this.entries.length && wanted.length <= max) {
      this.entries = [];
      return wanted;
    }
    const taken = new Set(wanted.length > max ? inTurns(wanted, ownerOf).slice(0, max) : wanted);
    this.entries = this.entries.filter((entry) => !taken.has(entry));
    return [...taken];
  }

  private refuseLate(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const latest = performance.now() - MAX_WAIT_MS;
    while (this.entries.length > 0 && this.entries[0]!.since <= latest) {
      this.entries.shift()!.reject(new UnavailableError());
    }
    if (this.entries.length > 0) {
      this.timer = setTimeout(() => this.refuseLate(), this.entries[0]!.since - latest).unref();
    }
  }
}

function inTurns<Entry>(entries: readonly Entry[], ownerOf: (entry: Entry) => string): Entry[] {
  const counts = new Map<string, number>();
  const turns = entries.map((entry) => {
    const turn = counts.get(ownerOf(entry)) ?? 0;
    counts.set(ownerOf(entry), turn + 1);
    return { entry, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ entry }) => entry);
}
