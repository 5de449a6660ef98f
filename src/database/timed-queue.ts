import { UnavailableError } from '../common/errors/common.errors.js';

/** How long an entry waits, in milliseconds, before it is refused. */
const MAX_WAIT_MS = 5_000;

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

  /** Removes and returns the oldest entries that `isWanted` accepts, at most `max`. */
  take(max: number, isWanted: (entry: Entry) => boolean): Entry[] {
    const taken: Entry[] = [];
    const left: Entry[] = [];
    for (const entry of this.entries) (taken.length < max && isWanted(entry) ? taken : left).push(entry);
    this.entries = left;
    return taken;
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
