import { UnavailableError } from '../common/errors/common.errors.js';
import { codesOf } from '../common/errors/database-failure.js';
import type { Pipeline } from './connection-pool.js';
import type { Parties } from './parties.js';
import { MAX_WAIT_MS, TimedQueue, type QueueEntry } from './timed-queue.js';

/** How calls share executions. */
export interface BatchLimits {
  /** How many connections executions have at a time. */
  readonly connections: number;
  /** How many calls one execution takes. */
  readonly calls: number;
  /** How many calls of one owner may wait. */
  readonly waitingOfOwner: number;
  /**
   * Whether the database always has the next execution at hand: one is sent behind the one that runs, on its
   * connection, once as many calls wait as that one has, and one begins before the answers of the last go out. Where
   * the database takes less time for a call than this process, few would wait yet, and sharing would suffer.
   */
  readonly isPipelined: boolean;
}

/** What a batcher does with its calls. */
export interface Batching<Call, Row> {
  readonly limits: BatchLimits;
  readonly partiesOf: (call: Call) => Parties;
  /**
   * Executes one or several calls, of which the oldest came at `since`, on the clock of `performance.now()`. It leaves
   * alone what takes long: the row says so. The rows are in the order of the calls.
   *
   * @throws LockedError where calls lock; then they are executed singly
   */
  readonly executeShared: (
    calls: readonly Call[],
    since: number,
    pipeline: Pipeline,
  ) => Promise<readonly (Row | undefined)[]>;
  /** Whether a row says that its call takes long, and what has it executed then. */
  readonly isHeavy: (row: Row) => boolean;
  readonly admitHeavy: (call: Call, since: number) => Promise<Row | undefined>;
  /** For calls that lock a row. */
  readonly locking?: Locking<Call, Row>;
}

/**
 * Calls of one owner never run in two executions at a time, so that none waits for another's lock in the database. In
 * one execution they run in their order, each on the result of the one before.
 */
export interface Locking<Call, Row> {
  /** Whether a row says that its call must be executed singly, because it has to wait for a lock. */
  readonly isLocked: (row: Row) => boolean;
  /**
   * Executes a single call, which waits for locks and may take long. Calls of the same owner wait for it.
   *
   * @param since when the call came, on the clock of `performance.now()`
   */
  readonly executeSingle: (call: Call, why: SingleReason, since: number) => Promise<Row | undefined>;
}

/** An execution met a lock for which it does not wait, and was taken back. */
export class LockedError extends Error {}

/** Why a call is executed singly. */
export type SingleReason = 'locked' | 'heavy';

interface Pending<Call, Row> extends QueueEntry {
  readonly call: Call;
  /** Why it shares no execution, if it does not. */
  readonly single: SingleReason | undefined;
  readonly resolve: (row: Row | undefined | Promise<Row | undefined>) => void;
}

interface Execution {
  /** When it was sent, and when its rows came, on the clock of `performance.now()`. */
  readonly start: number;
  end?: number;
  readonly calls: number;
  /** Executions that share a connection have the same one. */
  readonly pipeline: Pipeline;
}

/** How long calls wait for the next one while an execution runs, in milliseconds. */
const LINGER_MS = 2;

/**
 * How long an execution runs, in milliseconds, until another begins beside it although calls keep coming. Where the
 * last one took as long, none is sent behind another: most of that is the disk, which flushes the log of two sessions
 * at once.
 */
const LONG_MS = 10;

/**
 * Gathers the calls of one statement, so that they share its executions, as a DataLoader does. An execution costs
 * PostgreSQL and this process about as much as ten calls in it.
 *
 * 1. Calls that come in one turn of the event loop, or while executions run, go together. An execution begins after the
 *    last of its calls was made, so each caller sees every change that was acknowledged before.
 * 2. A call that comes while no execution runs waits for nothing but the end of the turn.
 * 3. Behind an execution that runs, another is sent on its connection (`isPipelined`). Beside it, on a connection of
 *    its own, another begins when so many calls wait that it is full, no more come, or the one that runs takes long.
 * 4. Owners take turns, and so do the callers of one owner; what waits for one owner is bounded.
 * 5. An error of one call does not fail the others: they are executed again, one by one.
 */
export class QueryBatcher<Call, Row> {
  private readonly pending: TimedQueue<Pending<Call, Row>>;
  /** The executions that run, in the order in which they began. */
  private readonly running: Execution[] = [];
  private readonly busyOwners = new Set<string>();
  private isScheduled = false;
  /** Whether no call has come for a while. */
  private isQuiet = false;
  private lingerTimer: NodeJS.Timeout | undefined;
  /** How long the last execution took, not counting the one behind which it was sent. */
  private lastTookMs = 0;

  constructor(private readonly batching: Batching<Call, Row>) {
    this.pending = new TimedQueue(batching.limits.waitingOfOwner);
  }

  get waitingCount(): number {
    return this.pending.length;
  }

  /** How many executions run, not counting those of single calls. */
  get runningCount(): number {
    return this.running.length;
  }

  /** How many calls of one caller wait. */
  waitingOf(callerId: string): number {
    return this.pending.countOf(callerId);
  }

  /**
   * @param single for a call that is known to share no execution; only where calls lock
   * @param since when the call came, on the clock of `performance.now()`
   * @returns `undefined` when the statement returns no row for the call
   * @throws UnavailableError when the call waited too long, or too many of its owner wait
   */
  execute(call: Call, single?: SingleReason, since = performance.now()): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      const { ownerId, callerId } = this.batching.partiesOf(call);
      this.isQuiet = false;
      this.pending.push({ ownerId, callerId, call, single, since, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.pending.length === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.begin();
    });
  }

  private begin(): void {
    if (this.batching.locking !== undefined) this.beginSingles();
    for (let pipeline = this.nextPipeline; pipeline !== undefined; pipeline = this.nextPipeline) {
      const calls = this.takeBatch();
      if (calls.length === 0) return;
      void this.run(calls, pipeline);
    }
    if (this.pending.length > 0) this.linger();
  }

  /** Where the next execution may begin now: that of one that runs, or a new one. */
  private get nextPipeline(): Pipeline | undefined {
    if (this.pending.length === 0) return undefined;
    const { connections, calls, isPipelined } = this.batching.limits;
    const last = this.running.at(-1);
    if (last === undefined) return {};
    const isLong = performance.now() - last.start >= LONG_MS;
    const isShort = this.lastTookMs < LONG_MS && !isLong && !this.isQuiet;
    const takesAnother = isPipelined && this.running.length === 1 && (last.pipeline.connection?.running ?? 0) > 0;
    if (takesAnother && isShort && this.pending.length >= last.calls) return last.pipeline;
    const used = new Set(this.running.map(({ pipeline }) => pipeline)).size;
    return used < connections && (isLong || this.isQuiet || this.pending.length >= calls) ? {} : undefined;
  }

  /** It only schedules: requests that came while this process was busy make their calls earlier in that turn. */
  private linger(): void {
    this.lingerTimer =
      this.lingerTimer?.refresh() ??
      setTimeout(() => {
        this.isQuiet = true;
        this.schedule();
      }, LINGER_MS).unref();
  }

  /** Takes out the calls for the next execution: whose owners are free, and which share it. */
  private takeBatch(): readonly Pending<Call, Row>[] {
    return this.take(
      this.batching.limits.calls,
      ({ ownerId, single }, isNext) => single === undefined && isNext && !this.busyOwners.has(ownerId),
    );
  }

  /** Has single calls begin whose owners are free: one for each owner, when it is its turn. */
  private beginSingles(): void {
    for (;;) {
      const [one] = this.take(
        1,
        ({ ownerId, single }, isNext) => single !== undefined && isNext && !this.busyOwners.has(ownerId),
      );
      if (one === undefined) return;
      void this.runSingle(one);
    }
  }

  /** Takes calls out of the queue and, where calls lock, marks their owners as busy. */
  private take(
    max: number,
    isWanted: (one: Pending<Call, Row>, isNext: boolean) => boolean,
  ): readonly Pending<Call, Row>[] {
    const taken = this.pending.take(max, isWanted);
    if (this.batching.locking !== undefined) for (const { ownerId } of taken) this.busyOwners.add(ownerId);
    return taken;
  }

  private async run(batch: readonly Pending<Call, Row>[], pipeline: Pipeline): Promise<void> {
    const before = this.running.find((other) => other.pipeline === pipeline);
    const execution: Execution = { start: performance.now(), calls: batch.length, pipeline };
    this.running.push(execution);
    const left = await this.executeBatch(batch, pipeline);
    execution.end = performance.now();
    this.lastTookMs = execution.end - Math.max(execution.start, before?.end ?? 0);
    this.running.splice(this.running.indexOf(execution), 1);
    this.releaseOwners(batch);
    if (left.length > 0) this.pending.putBack(left);
    if (this.batching.limits.isPipelined) this.begin();
    else this.schedule();
  }

  /** @returns the calls that must be executed singly */
  private async executeBatch(
    batch: readonly Pending<Call, Row>[],
    pipeline: Pipeline,
  ): Promise<readonly Pending<Call, Row>[]> {
    const { executeShared, isHeavy, admitHeavy, locking } = this.batching;
    try {
      const calls = batch.map(({ call }) => call);
      const since = Math.min(...batch.map((one) => one.since));
      const rows = await executeShared(calls, since, pipeline);
      const isLocked = (index: number) => rows[index] !== undefined && locking?.isLocked(rows[index]);
      // After what `run` does next: where it is pipelined, the database works at the next execution meanwhile.
      process.nextTick(() => {
        for (const [index, one] of batch.entries()) {
          const row = rows[index];
          if (!isLocked(index)) one.resolve(row && isHeavy(row) ? admitHeavy(one.call, one.since) : row);
        }
      });
      return batch.filter((_, index) => isLocked(index)).map(asLocked);
    } catch (error) {
      if (error instanceof UnavailableError) return this.refuseLate(batch, error);
      if (error instanceof LockedError) return batch.map(asLocked);
      if (batch.length === 1 || !isCausedByOneCall(error)) {
        for (const { reject } of batch) reject(error);
        return [];
      }
      const left = [];
      for (const one of batch) left.push(...(await this.executeBatch([one], pipeline)));
      return left;
    }
  }

  /**
   * Nothing was done, because the oldest call had waited too long, or PostgreSQL ended the execution; the others still
   * have time.
   */
  private refuseLate(batch: readonly Pending<Call, Row>[], error: UnavailableError): readonly Pending<Call, Row>[] {
    const oldest = Math.min(...batch.map(({ since }) => since));
    const isLate = ({ since }: Pending<Call, Row>) => since === oldest || since + MAX_WAIT_MS <= performance.now();
    for (const one of batch.filter(isLate)) one.reject(error);
    return batch.filter((one) => !isLate(one));
  }

  private async runSingle(one: Pending<Call, Row>): Promise<void> {
    await this.batching.locking!.executeSingle(one.call, one.single!, one.since).then(one.resolve, one.reject);
    this.releaseOwners([one]);
    this.schedule();
  }

  private releaseOwners(calls: readonly Pending<Call, Row>[]): void {
    for (const { ownerId } of calls) this.busyOwners.delete(ownerId);
  }
}

/** A call that is to be executed singly, because it may have to wait for a lock. */
function asLocked<Call, Row>(one: Pending<Call, Row>): Pending<Call, Row> {
  return { ...one, single: 'locked' };
}

/**
 * Whether one call, or the row that it is about, is to blame: SQLSTATE class 22 (data exception), 23 (integrity
 * constraint violation), 54 (program limit exceeded), XX001 (data corrupted). Anything else, including a time-out,
 * would hit most of the calls again.
 */
function isCausedByOneCall(error: unknown): boolean {
  return codesOf(error).some((code) => /^(?:(?:22|23|54)...|XX001)$/.test(code));
}
