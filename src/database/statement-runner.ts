import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { QueryConfig, QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import { Environment } from '../config/environment.js';
import { ConnectionPool } from './connection-pool.js';
import { connectionShares, statementConnection } from './data-source-options.js';
import { type BatchLimits, type Locking, QueryBatcher } from './query-batcher.js';
import { ResilientDataSource } from './resilient-data-source.js';
import type { BatchedStatement, LockingRow, LockingStatement, ParametersOf, Statement, Value } from './statement.js';
import { retryTransient } from './transient-failure.js';

/** Told of each statement when it is called for; what it returns is told of the answer, or of what went wrong. */
export type StatementObserver = (statement: Statement) => ((error?: unknown) => void) | undefined;

/** Where statements run: a pool of connections, or the embedded database. */
interface Pool {
  query(query: QueryConfig): Promise<Pick<QueryResult, 'rows'>>;
  readonly waitingCount: number;
}

const READS: BatchLimits = { executions: 2, calls: 64 };

/** Changes take longer than reads, because they wait for the disk, and each waits for all that it goes with. */
const CHANGES: BatchLimits = { executions: 2, calls: 16 };

/**
 * Each call has an execution of its own, which names one owner: a distributed database then knows which node to ask.
 */
const NOT_BATCHED: BatchLimits = { executions: Infinity, calls: 1 };

/** The calls of one statement. */
export interface Batched<S extends Statement, Row> {
  /** @param isAlone true for a call that is known to take long; only of a statement that locks */
  execute(parameters: ParametersOf<S>, isAlone?: boolean): Promise<Row | undefined>;
}

/**
 * Runs the prepared statements of repositories, past TypeORM: `DataSource.query` would prepare each anew, and cost
 * about as much again as the statement itself.
 *
 * On a PostgreSQL server they have two pools of connections of their own, so that the reads of many callers never wait
 * behind a change that waits for a lock.
 */
@Injectable()
export class StatementRunner implements OnApplicationShutdown {
  /** Those of our own; none on the embedded database. */
  private readonly pools: readonly ConnectionPool[];
  private readonly reads: Pool;
  private readonly changes: Pool;
  private readonly batchers: { readonly waitingCount: number }[] = [];
  /** At most one. */
  observer: StatementObserver | undefined;

  constructor(
    dataSource: DataSource,
    private readonly environment: Environment,
  ) {
    if (environment.usesEmbeddedDatabase) {
      const { master } = dataSource.driver as unknown as { master: Pool };
      this.reads = this.changes = master;
      this.pools = [];
    } else {
      const config = statementConnection(environment, dataSource);
      const shares = connectionShares(environment);
      const on = {
        silence: () => this.pools.forEach((pool) => pool.renew()),
        outOfConnections: () => this.pools.forEach((pool) => void pool.releaseIdle()),
      };
      const reads = new ConnectionPool(config, shares.reads, on);
      const changes = new ConnectionPool(config, shares.changes, on);
      this.pools = [reads, changes];
      this.reads = reads;
      this.changes = changes;
      if (dataSource instanceof ResilientDataSource) dataSource.onOutOfConnections = on.outOfConnections;
    }
  }

  /** How many requests wait for a connection, or for an execution that they share. */
  get waitingCount(): number {
    let waiting = 0;
    for (const pool of this.pools) waiting += pool.waitingCount;
    for (const batcher of this.batchers) waiting += batcher.waitingCount;
    return waiting;
  }

  /** Whether a statement of one caller would have a connection at once. */
  get hasRoom(): boolean {
    // For the one session of the embedded database everybody waits.
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

  /** Executes a statement for one caller. */
  execute<S extends Statement, Row>(statement: S, parameters: ParametersOf<S>): Promise<Row[]> {
    return this.observed(statement, this.executeOn<Row>(this.changes, statement, parameters));
  }

  /** A read whose calls share executions. */
  batchReads<S extends BatchedStatement, Row>(statement: S): Batched<S, Row> {
    return this.batch<S, Row>(statement, this.reads, READS);
  }

  /** A change whose calls share executions, while none of them waits for a lock. */
  batchChanges<S extends LockingStatement, Row extends LockingRow>(statement: S): Batched<S, Row> {
    return this.batch<S, Row>(statement, this.changes, CHANGES, {
      keyOf: (call: Record<string, Value>) => String(call[statement.key]),
      mustRunAlone: ({ status }) => status === 'run-alone',
      executeAlone: async (call) =>
        (await this.executeOn<Row>(this.changes, statement, { ...call, ...statement.alone }))[0],
    });
  }

  private batch<S extends BatchedStatement, Row>(
    statement: S,
    pool: Pool,
    limits: BatchLimits,
    locking?: Locking<ParametersOf<S>, Row>,
  ): Batched<S, Row> {
    const isSharing = this.environment.DATABASE_SHARED_STATEMENTS;
    const many = { ...statement, name: `${statement.name}-batched`, text: statement.batchedText };
    const batcher = new QueryBatcher<ParametersOf<S>, Row>({
      limits: isSharing ? limits : NOT_BATCHED,
      executeOne: async (call) => (await this.executeOn<Row>(pool, statement, call))[0],
      executeMany: async (calls) => {
        const rows = await this.executeOn<Row & { ordinal: string }>(pool, many, columnsOf(statement, calls));
        const inOrder = new Array<Row | undefined>(calls.length);
        for (const row of rows) inOrder[Number(row.ordinal) - 1] = row;
        return inOrder;
      },
      ...(locking && { locking }),
    });
    this.batchers.push(batcher);
    return {
      execute: (parameters, isAlone = false) =>
        this.observed(statement, batcher.execute(parameters, locking !== undefined && (isAlone || !isSharing))),
    };
  }

  private observed<Result>(statement: Statement, result: Promise<Result>): Promise<Result> {
    const end = this.observer?.(statement);
    if (end !== undefined) result.then(() => end(), end);
    return result;
  }

  private async executeOn<Row>(pool: Pool, statement: Statement, parameters: Record<string, Value>): Promise<Row[]> {
    const { name, text } = statement;
    const values = statement.parameters.map((parameter) => parameters[parameter]);
    const query = this.environment.DATABASE_PREPARED_STATEMENTS ? { name, text, values } : { text, values };
    const { rows } = await retryTransient(() => pool.query(query));
    return rows as Row[];
  }
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
