/** What a window has counted for one key, and how long it still lasts, in milliseconds. */
export interface Counted {
  readonly count: number;
  readonly msLeft: number;
}

/** How many keys a window has; beyond that, all further keys are counted together. */
const MAX_KEYS = 100_000;
const OTHERS = '';

/**
 * Counts by key in windows of time that follow one another and are the same for all keys, so that a window is forgotten
 * whole: no timer and no object for each key, and a count is there at once.
 */
export class RequestWindows {
  private counts = new Map<string, number>();
  private endsAt = 0;

  constructor(private readonly durationMs: number) {}

  /** @param requests how many at once */
  count(wanted: string, requests = 1): Counted {
    // Whole milliseconds, because what is left must never be more than a window.
    const now = Math.floor(performance.now());
    if (now >= this.endsAt) {
      this.counts = new Map();
      this.endsAt = now + this.durationMs;
    }
    const key = this.counts.size < MAX_KEYS || this.counts.has(wanted) ? wanted : OTHERS;
    const count = (this.counts.get(key) ?? 0) + requests;
    this.counts.set(key, count);
    return { count, msLeft: this.endsAt - now };
  }
}
