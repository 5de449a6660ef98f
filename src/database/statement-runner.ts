import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { UnavailableError } from '../common/errors/common.errors.js';
import { codesOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { Admission } from './admission.js';
import { ConnectionPool, type Pipeline } from './connection-pool.js';
import { type ConnectionShares, connectionShares, statementConnection } from './data-source-options.js';
import { type BatchLimits, LockedError, type Locking, QueryBatcher } from './query-batcher.js';
import type { Parties } from './parties.js';
import { ResilientDataSource } from './resilient-data-source.js';
import type { BatchedStatement, CallOf, LockingStatement, Statement, StatusRow, Value } from './statement.js';
import { MAX_WAIT_MS } from './timed-queue.js';
import { retryTransient } from './transient-failure.js';

/** Called when a statement is requested; the function that it returns is called with the outcome, or the error. */
export type StatementObserver = (statement: Statement) => ((error?: unknown) => void) | undefined;

/** Where statements run: a pool of connections, or the embedded database. */
interface Pool {
  query(queryOf: () => pg.QueryConfig, since: number, pipeline?: Pipeline): Promise<Pick<pg.QueryResult, 'rows'>>;
}

type Batcher = Pick<QueryBatcher<Call, unknown>, 'runningCount' | 'waitingCount' | 'waitingOf'>;

/** The parameters of a call, and since when its request waits. */
type Call = Record<string, Value> & { readonly since: number };

const READS: BatchLimits = { connections: 2, calls: 64, waitingOfOwner: 512, isPipelined: false };

/**
 * Changes take longer than reads, because they wait for the disk, and each waits for all that it goes with. Each one
 * that waits may hold a megabyte.
 */
const CHANGES: BatchLimits = { connections: 2, calls: 16, waitingOfOwner: 64, isPipelined: true };

/**
 * How long a shared execution waits for a lock, and a single call before it takes a turn, in milliseconds. A shared
 * execution passes over locked documents, but PostgreSQL locks more: the row that a document refers to, when two calls
 * in one execution change the document, and tables.
 */
const BRIEF_WAIT_MS = 50;

/** The calls of one statement. */
export interface StatementCalls<S extends Statement, Row> {
  /** @param isHeavy for a call that is known to take long; only of a statement that locks */
  execute(call: CallOf<S>, isHeavy?: boolean): Promise<Row | undefined>;
}

/**
 * Runs the prepared statements of repositories, past TypeORM: `DataSource.query` would prepare each anew, and cost
 * about as much again as the statement itself.
 *
 * On a PostgreSQL server they have three pools of connections of their own: for reads, so that those of many callers
 * never wait behind a change that waits for a lock; for changes; and for heavy work, what takes long.
 */
@Injectable()
export class StatementRunner implements OnApplicationShutdown {
  /** Those of our own; none on the embedded database. */
  private readonly pools: readonly ConnectionPool[];
  private readonly reads: Pool;
  private readonly changes: Pool;
  private readonly heavy: Pool;
  private readonly shares: ConnectionShares;
  /** Of heavy work. */
  private readonly admission: Admission;
  /** Of changes that wait for a lock for longer: they leave connections to those that do not. */
  private readonly lockTurns: Admission;
  private readonly batchers: Record<'reads' | 'changes', Batcher[]> = { reads: [], changes: [] };
  /** At most one. */
  observer: StatementObserver | undefined;

  constructor(
    dataSource: DataSource,
    private readonly environment: Environment,
  ) {
    const shares = (this.shares = connectionShares(environment));
    this.admission = new Admission({
      running: environment.usesEmbeddedDatabase ? 1 : Math.max(1, shares.heavy),
      callerTime: environment.DATABASE_TIME_PER_CALLER * 1000,
      ownerTime: environment.DATABASE_TIME_PER_OWNER * 1000,
    });
    this.lockTurns = new Admission({
      running: Math.max(1, shares.changes - CHANGES.connections),
      callerTime: 0,
      ownerTime: 0,
    });
    const { master } = dataSource.driver as unknown as { master: pg.Pool };
    if (environment.usesEmbeddedDatabase) {
      this.reads = this.changes = this.heavy = { query: (queryOf) => master.query(queryOf()) };
      this.pools = [];
    } else {
      const config = statementConnection(environment, dataSource);
      const on = {
        serverLost: () => this.pools.forEach((pool) => pool.renew()),
        outOfConnections: () => this.pools.forEach((pool) => void pool.releaseIdle()),
      };
      const reads = ConnectionPool.to(config, shares.reads, on);
      const changes = ConnectionPool.to(config, shares.changes, on);
      this.reads = reads;
      this.changes = changes;
      if (shares.heavy === 0) {
        this.heavy = new ConnectionPool(master, shares.typeorm, on);
        this.pools = [reads, changes];
      } else {
        const heavy = ConnectionPool.to(statementConnection(environment, dataSource, false), shares.heavy, on);
        this.heavy = heavy;
        this.pools = [reads, changes, heavy];
      }
      if (dataSource instanceof ResilientDataSource) dataSource.onOutOfConnections = on.outOfConnections;
    }
  }

  /** How many requests wait for a connection, or for an execution that they share. */
  get waitingCount(): number {
    let waiting = this.admission.waitingCount + this.lockTurns.waitingCount;
    for (const pool of this.pools) waiting += pool.waitingCount;
    for (const batcher of this.allBatchers) waiting += batcher.waitingCount;
    return waiting;
  }

  /** How much heavy work runs, and how much waits for its turn. */
  get heavyWork(): { running: number; waiting: number } {
    return { running: this.admission.activeCount, waiting: this.admission.waitingCount };
  }

  /** How many executions of small reads, or changes, run, and how many calls wait for one. */
  smallWork(kind: 'reads' | 'changes'): { running: number; waiting: number } {
    const inTurns = kind === 'changes' ? this.lockTurns.waitingCount : 0;
    return {
      running: this.batchers[kind].reduce((sum, { runningCount }) => sum + runningCount, 0),
      waiting: this.batchers[kind].reduce((sum, { waitingCount }) => sum + waitingCount, inTurns),
    };
  }

  /** How many requests of one caller wait. */
  waitingOf(callerId: string): number {
    let waiting = this.admission.waitingOf(callerId);
    for (const batcher of this.allBatchers) waiting += batcher.waitingOf(callerId);
    return waiting;
  }

  /** Whether a statement of one caller would have a connection at once. */
  get hasRoom(): boolean {
    // Everybody waits for the one session of the embedded database.
    return !(this.changes instanceof ConnectionPool) || this.changes.hasRoom;
  }

  /** The connections of the pools. */
  get connections(): { open: number; idle: number } {
    return {
      open: this.pools.reduce((sum, { openCount }) => sum + openCount, 0),
      idle: this.pools.reduce((sum, { idleCount }) => sum + idleCount, 0),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.end()));
  }

  /** Executes a statement for one caller. It may wait for locks as long as is left. */
  execute<S extends Statement, Row>(statement: S, call: CallOf<S>): Promise<Row[]> {
    return this.observed(statement, this.executeOn<Row>(this.changes, statement, call, call.since));
  }

  /** Executes a small read that shares no executions, in the pool for reads. */
  executeRead<S extends Statement, Row>(statement: S, call: CallOf<S>): Promise<Row[]> {
    return this.observed(statement, this.executeOn<Row>(this.reads, statement, call, call.since));
  }

  /**
   * Executes a statement that takes long, when it is its owner's turn. It may wait for locks as long as is left.
   *
   * @throws UnavailableError when too much waits for the owner or the caller, or when it waited too long
   * @throws TimeExceededError when the caller, or the owner, has used up their time
   */
  executeHeavy<S extends Statement, Row>(statement: S, call: CallOf<S>): Promise<Row[]> {
    const { since } = call;
    const work = () => this.executeOn<Row>(this.heavy, statement, call, since);
    return this.observed(statement, this.admission.run(partiesOf(call), work, since));
  }

  /** A read whose calls share executions, while what they read is not large. */
  batchReads<S extends BatchedStatement, Row>(statement: S): StatementCalls<S, Row> {
    return this.batch<S, Row>(statement, 'reads', READS);
  }

  /** A change whose calls share executions, while none of them waits for a lock, or takes long. */
  batchChanges<S extends LockingStatement, Row extends StatusRow>(statement: S): StatementCalls<S, Row> {
    return this.batch<S, Row>(statement, 'changes', CHANGES, {
      isLocked: ({ status }) => status === 'locked',
      executeSingle: async (call, why, since) => {
        const executeIn = async (pool: Pool, isBrief = false) => {
          const parameters = { ...call, ...statement.singleParameters };
          return (await this.executeOn<Row>(pool, statement, parameters, since, { isBrief }))[0];
        };
        if (why === 'heavy') return executeIn(this.heavy);
        try {
          return await executeIn(this.changes, true);
        } catch (error) {
          if (!(error instanceof LockedError)) throw error;
          // Not by callers: nobody waits for the owner of one row because somebody waits for that of another, too.
          const { ownerId } = partiesOf(call);
          return this.lockTurns.run({ ownerId, callerId: ownerId }, () => executeIn(this.changes), since);
        }
      },
    });
  }

  private get allBatchers(): readonly Batcher[] {
    return [...this.batchers.reads, ...this.batchers.changes];
  }

  /**
   * ```text
   * small ─▶ batcher, a shared execution ─▶ its row
   *            ├ row `locked` ─▶ batcher, single ─▶ after 50 ms in turns, waits for the lock
   *            └ row `heavy` ──▶ admission, in turns and by database time ─▶ single, in the pool for heavy work
   * known to be heavy ─────────▶ admission …
   * ```
   */
  private batch<S extends BatchedStatement, Row>(
    statement: S,
    kind: 'reads' | 'changes',
    limits: BatchLimits,
    locking?: Locking<CallOf<S>, Row>,
  ): StatementCalls<S, Row> {
    const pool = this[kind];
    const isSharing = this.environment.DATABASE_SHARED_STATEMENTS;
    const batched = { ...statement, name: `${statement.name}-batched`, text: statement.batchedText };
    const batcher: QueryBatcher<CallOf<S>, Row> = new QueryBatcher({
      limits: isSharing ? limits : { ...limits, ...this.limitsOfOwn(kind) },
      partiesOf,
      executeShared: async (calls, since, pipeline) => {
        const options = { pipeline, isBrief: locking !== undefined };
        if (calls.length === 1) return this.executeOn<Row>(pool, statement, calls[0]!, since, options);
        const columns = columnsOf(statement, calls);
        const rows = await this.executeOn<Row & { ordinal: string }>(pool, batched, columns, since, options);
        const inOrder = new Array<Row | undefined>(calls.length);
        for (const row of rows) inOrder[Number(row.ordinal) - 1] = row;
        return inOrder;
      },
      isHeavy: (row) => (row as StatusRow).status === 'heavy',
      admitHeavy: (call, since) => admitHeavy(call, since),
      ...(locking && { locking }),
    });
    this.batchers[kind].push(batcher);
    const admitHeavy = (call: CallOf<S>, since: number): Promise<Row | undefined> => {
      const execute = async () => {
        if (locking !== undefined) return batcher.execute(call, 'heavy', since);
        const parameters = { ...call, ...statement.singleParameters };
        return (await this.executeOn<Row>(this.heavy, statement, parameters, since))[0];
      };
      return this.admission.run(partiesOf(call), execute, since);
    };
    return {
      execute: (call, isHeavy = false) => {
        const { since } = call;
        return this.observed(statement, isHeavy ? admitHeavy(call, since) : batcher.execute(call, undefined, since));
      },
    };
  }

  /**
   * Where each call has an execution of its own, which names one owner: a distributed database then knows which node to
   * ask. No more calls of a statement run than there are connections, because what waits for one of these is in no
   * queue where owners and callers take turns; and none waits behind another.
   */
  private limitsOfOwn(kind: 'reads' | 'changes'): Omit<BatchLimits, 'waitingOfOwner'> {
    return { connections: this.shares[kind], calls: 1, isPipelined: false };
  }

  private observed<Result>(statement: Statement, result: Promise<Result>): Promise<Result> {
    const end = this.observer?.(statement);
    if (end !== undefined) result.then(() => end(), end);
    return result;
  }

  /** @param options `isBrief`: it hardly waits for a lock, where else it may wait as long as is left */
  private async executeOn<Row>(
    pool: Pool,
    statement: Statement,
    parameters: Readonly<Record<string, Value>>,
    since: number,
    { pipeline, isBrief = false }: { pipeline?: Pipeline; isBrief?: boolean } = {},
  ): Promise<Row[]> {
    const { name, text } = statement;
    const isPrepared = this.environment.DATABASE_PREPARED_STATEMENTS;
    const queryOf = () => {
      const maxWaitMs = isBrief ? BRIEF_WAIT_MS : leftMs(since);
      const values = statement.parameters.map((each) => (each === 'maxWaitMs' ? maxWaitMs : parameters[each]));
      return isPrepared ? { name, text, values } : { text, values };
    };
    const query = async () => {
      try {
        return await pool.query(queryOf, since, pipeline);
      } catch (error) {
        if (isLockTimeout(error)) {
          if (isBrief) throw new LockedError();
          // It waited for a lock until its time was over, so there is none to try again in.
          if (performance.now() >= since + MAX_WAIT_MS) throw new UnavailableError();
        }
        throw error;
      }
    };
    try {
      const { rows } = await retryTransient(query);
      return rows as Row[];
    } catch (error) {
      throw isLockTimeout(error) || isTimeoutOfLocking(error, statement) ? new UnavailableError() : error;
    }
  }
}

function isLockTimeout(error: unknown): boolean {
  // lock_not_available
  return codesOf(error).includes('55P03');
}

/**
 * Whether the statement time-out ended a statement that may wait for locks. Behind another one that waits for the same
 * row it waits twice, first for its turn and then for the row, and `lock_timeout` is for each. One that was only slow
 * looks the same.
 */
function isTimeoutOfLocking(error: unknown, { parameters }: Statement): boolean {
  // query_canceled
  return parameters.includes('maxWaitMs') && codesOf(error).includes('57014');
}

/** How much longer a request may wait that waits since then, in milliseconds; at least 1, because 0 is no limit. */
function leftMs(since: number): number {
  return Math.max(1, Math.ceil(since + MAX_WAIT_MS - performance.now()));
}

function partiesOf({ organizationId, userId, callerId }: Partial<Call>): Parties {
  return { ownerId: String(organizationId ?? userId), callerId: String(callerId ?? userId) };
}

/** The parameters of many calls: an array for each but the constants. */
function columnsOf<S extends BatchedStatement>(
  { parameters, constants = [] }: S,
  calls: readonly Record<string, Value>[],
): Record<string, Value> {
  return Object.fromEntries(
    parameters.map((name) => [
      name,
      constants.includes(name) ? calls[0]![name]! : calls.map((call) => call[name] as string | number | boolean | null),
    ]),
  );
}
