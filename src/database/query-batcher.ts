import { codesOf } from '../common/errors/database-failure.js';
import { TimedQueue } from './timed-queue.js';

/** How calls share executions. */
export interface BatchLimits {
  /** How many executions run at a time. */
  readonly executions: number;
  /** How many calls one execution takes. */
  readonly calls: number;
}

/** What a batcher does with its calls. */
export interface Batching<Call, Row> {
  readonly limits: BatchLimits;
  /** Executes one call. */
  readonly executeOne: (call: Call) => Promise<Row | undefined>;
  /** Executes several calls at once. The rows are in the order of the calls. */
  readonly executeMany: (calls: readonly Call[]) => Promise<readonly (Row | undefined)[]>;
  /** For calls that lock a row. */
  readonly locking?: Locking<Call, Row>;
}

/**
 * Calls with the same key never run in two executions at a time, so that none waits for the lock of another. In one
 * execution they run in their order, each on the result of the one before.
 */
export interface Locking<Call, Row> {
  readonly keyOf: (call: Call) => string;
  /** Whether a row says that its call must run alone, because it has to wait for a lock or takes long. */
  readonly mustRunAlone: (row: Row) => boolean;
  /** Executes such a call. Only calls with the same key wait for it. */
  readonly executeAlone: (call: Call) => Promise<Row | undefined>;
}

interface Pending<Call, Row> {
  readonly call: Call;
  readonly isAlone: boolean;
  readonly since: number;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How long calls wait for more calls while an execution runs, in milliseconds. */
const LINGER_MS = 10;

/**
 * Gathers the calls of one statement, so that they share its executions, as a DataLoader does. An execution costs
 * PostgreSQL and this process about as much as ten calls in it.
 *
 * 1. Calls that come in one turn of the event loop, or while executions run, go together. An execution begins after the
 *    last of its calls was made, so each caller sees every change that was acknowledged before.
 * 2. A call that comes while no execution runs waits for nothing but the end of the turn.
 * 3. Beside an execution that runs, another begins when as many calls wait as that one took, or when it takes long.
 * 4. What is wrong with one call is no failure of the others: they are executed again, one by one.
 */
export class QueryBatcher<Call, Row> {
  private readonly pending = new TimedQueue<Pending<Call, Row>>();
  /** In the order in which they began. */
  private readonly executions: { readonly calls: number; readonly since: number }[] = [];
  private readonly busyKeys = new Set<string>();
  private isScheduled = false;
  private lingering: NodeJS.Timeout | undefined;

  constructor(private readonly batching: Batching<Call, Row>) {}

  get waitingCount(): number {
    return this.pending.length;
  }

  /**
   * @param isAlone true for a call that is known to take long; only where calls lock
   * @returns `undefined` when the statement returns no row for the call
   * @throws UnavailableError when the call waited too long
   */
  execute(call: Call, isAlone = false): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      this.pending.push({ call, isAlone, since: performance.now(), resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.pending.length === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      for (const one of this.take(Infinity, true)) void this.runAlone(one);
      while (this.mayBegin) {
        const calls = this.take(this.batching.limits.calls, false);
        if (calls.length === 0) return;
        void this.run(calls);
      }
    });
  }

  private get mayBegin(): boolean {
    if (this.pending.length === 0 || this.executions.length >= this.batching.limits.executions) return false;
    const last = this.executions.at(-1);
    return last === undefined || this.pending.length >= last.calls || performance.now() - last.since >= LINGER_MS;
  }

  /** Takes out calls whose keys are free, of those that run alone one for each key, and makes the keys busy. */
  private take(max: number, isAlone: boolean): Pending<Call, Row>[] {
    const { locking } = this.batching;
    if (locking === undefined) return isAlone ? [] : this.pending.take(max, () => true);
    const keys = new Set<string>();
    const taken = this.pending.take(max, (one) => {
      const key = locking.keyOf(one.call);
      if (one.isAlone !== isAlone || this.busyKeys.has(key) || (isAlone && keys.has(key))) return false;
      keys.add(key);
      return true;
    });
    for (const key of keys) this.busyKeys.add(key);
    return taken;
  }

  private async run(batch: readonly Pending<Call, Row>[]): Promise<void> {
    const execution = { calls: batch.length, since: performance.now() };
    this.executions.push(execution);
    // A timer may be early by less than a millisecond.
    this.lingering = this.lingering?.refresh() ?? setTimeout(() => this.schedule(), LINGER_MS + 1).unref();
    const left = await this.settle(batch);
    this.executions.splice(this.executions.indexOf(execution), 1);
    this.free(batch);
    if (left.length > 0) this.pending.putBack(left.map((one) => ({ ...one, isAlone: true })));
    this.schedule();
  }

  /** @returns the calls that must run alone */
  private async settle(batch: readonly Pending<Call, Row>[]): Promise<readonly Pending<Call, Row>[]> {
    const { executeOne, executeMany, locking } = this.batching;
    try {
      const calls = batch.map(({ call }) => call);
      const rows = batch.length === 1 ? [await executeOne(calls[0]!)] : await executeMany(calls);
      return batch.filter(({ resolve }, index) => {
        const row = rows[index];
        if (row !== undefined && locking?.mustRunAlone(row)) return true;
        resolve(row);
        return false;
      });
    } catch (error) {
      if (batch.length === 1 || !isOfOneCall(error)) {
        for (const { reject } of batch) reject(error);
        return [];
      }
      const left = [];
      for (const one of batch) left.push(...(await this.settle([one])));
      return left;
    }
  }

  private async runAlone(one: Pending<Call, Row>): Promise<void> {
    await this.batching.locking!.executeAlone(one.call).then(one.resolve, one.reject);
    this.free([one]);
    this.schedule();
  }

  private free(calls: readonly Pending<Call, Row>[]): void {
    const { locking } = this.batching;
    if (locking !== undefined) for (const { call } of calls) this.busyKeys.delete(locking.keyOf(call));
  }
}

/**
 * Whether one call, or the row that it is about, is to blame: SQLSTATE class 22 (data exception), 23 (integrity
 * constraint violation), 54 (program limit exceeded), XX001 (data corrupted). Anything else, a time-out among it, would
 * befall most of the calls again.
 */
function isOfOneCall(error: unknown): boolean {
  return codesOf(error).some((code) => /^(?:(?:22|23|54)...|XX001)$/.test(code));
}
