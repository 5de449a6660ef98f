import { UnavailableError } from '../common/errors/common.errors.js';
import type { Parties } from './parties.js';
import { TimeAllowance } from './time-allowance.js';
import { TimedQueue, type QueueEntry } from './timed-queue.js';

export interface AdmissionLimits {
  /** How much runs at a time. */
  readonly running: number;
  /** How much may wait for one owner, and for one caller; absent: 32. */
  readonly waiting?: number;
  /** How long the work of one caller may run in a minute, and the work on one owner's rows, in milliseconds. */
  readonly callerTime: number;
  readonly ownerTime: number;
}

const MAX_WAITING = 32;

/** How a refusal names what there is too little of. */
export interface AdmissionWords {
  readonly busy?: string;
  readonly time?: string;
}

/** The weight of a new measurement in the moving mean of durations that `Retry-After` is computed from. */
const WEIGHT = 0.1;

interface WaitingWork extends QueueEntry {
  readonly start: () => void;
}

/**
 * Admits work that takes long: in the database large documents, patches, restores, the history, events; and checks by
 * policies. It knows on whose behalf work runs and for how long, but no SQL.
 *
 * 1. Owners take turns, and so do the callers of one owner. One owner, and one caller, has one piece of work running at
 *    a time.
 * 2. Waiting work is bounded in number and in time, for each owner and each caller: a full queue refuses only more work
 *    of the same owner or caller.
 * 3. The time that work took is charged to the caller and the owner, who each have an allowance.
 */
export class Admission {
  private readonly queue: TimedQueue<WaitingWork>;
  private readonly running = new Set<string>();
  private readonly allowances: readonly TimeAllowance[];
  private runningCount = 0;
  private meanMs = 10;
  private readonly maxWaiting: number;

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly words: AdmissionWords = {},
  ) {
    this.maxWaiting = limits.waiting ?? MAX_WAITING;
    this.queue = new TimedQueue(this.maxWaiting, { busy: words.busy, retryAfterSeconds: () => this.retryAfterSeconds });
    this.allowances = [
      new TimeAllowance('caller', ({ callerId }) => callerId, limits.callerTime, words.time),
      new TimeAllowance('owner', ({ ownerId }) => ownerId, limits.ownerTime, words.time),
    ];
  }

  /** How much work runs. */
  get activeCount(): number {
    return this.runningCount;
  }

  get waitingCount(): number {
    return this.queue.length;
  }

  /** How much waits on behalf of one caller. */
  waitingOf(callerId: string): number {
    return this.queue.countOf(callerId);
  }

  /**
   * @param since when the work came to wait, on the clock of `performance.now()`
   * @throws UnavailableError when too much waits already, or when the work waited too long
   * @throws TimeExceededError when the caller, or the owner, has used up their time
   */
  async run<Result>(parties: Parties, work: () => Promise<Result>, since = performance.now()): Promise<Result> {
    for (const allowance of this.allowances) allowance.check(parties);
    await this.turnOf(parties, since);
    const start = performance.now();
    try {
      return await work();
    } finally {
      const tookMs = performance.now() - start;
      this.meanMs += WEIGHT * (tookMs - this.meanMs);
      for (const allowance of this.allowances) allowance.charge(parties, tookMs);
      this.runningCount--;
      for (const id of idsOf(parties)) this.running.delete(id);
      this.startNext();
    }
  }

  private get retryAfterSeconds(): number {
    return Math.ceil((this.maxWaiting * this.meanMs) / 1000);
  }

  private async turnOf(parties: Parties, since: number): Promise<void> {
    if (this.waitingOf(parties.callerId) >= this.maxWaiting) {
      throw new UnavailableError(this.words.busy, this.retryAfterSeconds);
    }
    return new Promise((start, reject) => {
      this.queue.push({ ...parties, since, start, reject });
      this.startNext();
    });
  }

  private startNext(): void {
    const isWanted = (work: WaitingWork) => idsOf(work).every((id) => !this.running.has(id));
    while (this.runningCount < this.limits.running) {
      const [next] = this.queue.take(1, isWanted);
      if (next === undefined) return;
      this.runningCount++;
      for (const id of idsOf(next)) this.running.add(id);
      next.start();
    }
  }
}

/** A user may be the owner of their settings and the caller at once. */
function idsOf({ ownerId, callerId }: Parties): string[] {
  return [`owner ${ownerId}`, `caller ${callerId}`];
}
