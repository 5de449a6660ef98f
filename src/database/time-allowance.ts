import { LRUCache } from 'lru-cache';
import { atMost } from '../common/at-most.js';
import { TimeExceededError } from './admission.errors.js';
import type { Parties } from './parties.js';

const MINUTE_MS = 60_000;

/** How many callers or owners it remembers; those that were idle the longest are forgotten. */
const MAX_KNOWN = 100_000;

interface Account {
  /** What is left, in milliseconds; negative when the last work took longer than was left. */
  leftMs: number;
  /** When that was so, on the clock of `performance.now()`. */
  at: number;
}

/** How long work may run for each caller, or each owner: so much in a minute, saved up for one minute at most. */
export class TimeAllowance {
  private readonly accounts = new LRUCache<string, Account>(atMost(MAX_KNOWN));

  /** @param perMinuteMs none for no limit */
  constructor(
    private readonly whose: 'caller' | 'owner',
    private readonly idOf: (parties: Parties) => string,
    private readonly perMinuteMs: number,
    private readonly resource = 'database time',
  ) {}

  /** @throws TimeExceededError when nothing is left */
  check(parties: Parties): void {
    const leftMs = this.leftOf(parties);
    if (leftMs > 0) return;
    const seconds = Math.ceil(((1 - leftMs) / this.perMinuteMs) * (MINUTE_MS / 1000));
    throw new TimeExceededError(this.whose, this.perMinuteMs / 1000, seconds, this.resource);
  }

  charge(parties: Parties, tookMs: number): void {
    if (this.perMinuteMs === 0) return;
    const at = performance.now();
    this.accounts.set(this.idOf(parties), { leftMs: this.leftOf(parties, at) - tookMs, at });
  }

  private leftOf(parties: Parties, at = performance.now()): number {
    if (this.perMinuteMs === 0) return Infinity;
    const account = this.accounts.get(this.idOf(parties));
    if (account === undefined) return this.perMinuteMs;
    return Math.min(this.perMinuteMs, account.leftMs + ((at - account.at) / MINUTE_MS) * this.perMinuteMs);
  }
}
