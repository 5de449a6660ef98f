import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { QueryConfig, QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import { Environment } from '../config/environment.js';
import { ConnectionLane } from './connection-lane.js';
import { connectionShares, statementConnection } from './data-source-options.js';
import {
  type Answer,
  NOT_SHARED,
  type Question,
  type QuestionStatement,
  SHARED,
  SharedStatement,
  type SharingLimits,
  type Statement,
  textFor,
} from './shared-statement.js';
import { type Changed, type ChangeStatement, SHARED_CHANGES, SharedChange } from './shared-change.js';
import { ResilientDataSource } from './resilient-data-source.js';
import { retryTransient } from './transient-failure.js';

/** Told of each statement when it is asked for; what it returns is told of the answer, or of what went wrong. */
export type StatementObserver = (statement: Statement) => ((error?: unknown) => void) | undefined;

/** Where statements run: a lane of connections, or the embedded database. */
interface Lane {
  query(query: QueryConfig): Promise<Pick<QueryResult, 'rows'>>;
  /** How many statements wait for their turn. */
  readonly waitingCount: number;
}

/**
 * How many statements a connection is sent before it has answered the first of them, where each request has its own. Those that
 * share statements need no more than one, and wait for no statement that waits for a lock.
 */
const DEPTH = 2;

/**
 * Runs the prepared statements of repositories, past TypeORM: `DataSource.query` would prepare each anew and cost about as
 * much again as the statement itself.
 *
 * On a PostgreSQL server they have connections of their own, in two lanes, so that the questions which many callers share
 * never wait behind a change that waits for a lock.
 */
@Injectable()
export class StatementRunner implements OnApplicationShutdown {
  /** Those of our own; none on the embedded database. */
  private readonly lanes: readonly ConnectionLane[];
  private readonly single: Lane;
  private readonly shared: Lane;
  /** At most one. */
  observer: StatementObserver | undefined;

  /** Whether statements answer the questions of many callers at once. */
  private readonly isSharing: boolean;
  private readonly sharedStatements = new Map<string, { readonly waitingCount: number }>();

  constructor(
    dataSource: DataSource,
    private readonly environment: Environment,
  ) {
    this.isSharing = environment.DATABASE_SHARED_STATEMENTS;
    if (environment.usesEmbeddedDatabase) {
      const { master } = dataSource.driver as unknown as { master: Lane };
      this.single = this.shared = master;
      this.lanes = [];
    } else {
      const config = statementConnection(environment, dataSource);
      const shares = connectionShares(environment);
      const on = {
        loss: () => this.lanes.forEach((lane) => lane.renew()),
        outOfConnections: () => this.lanes.forEach((lane) => lane.releaseIdle()),
      };
      const depth = this.isSharing ? 1 : DEPTH;
      const single = new ConnectionLane(config, { connections: shares.single, depth }, on);
      const shared = new ConnectionLane(config, { connections: shares.shared, depth }, on);
      this.lanes = [single, shared];
      this.single = single;
      this.shared = shared;
      if (dataSource instanceof ResilientDataSource) dataSource.onOutOfConnections = on.outOfConnections;
    }
  }

  /** How many requests wait for a connection of a lane, or for others to be answered. */
  get waitingCount(): number {
    let waiting = 0;
    for (const lane of this.lanes) waiting += lane.waitingCount;
    for (const statement of this.sharedStatements.values()) waiting += statement.waitingCount;
    return waiting;
  }

  /** Whether a statement of one caller would be sent at once to a connection that has nothing else to do. */
  get hasRoom(): boolean {
    // For the one session of the embedded database everybody waits.
    return !(this.single instanceof ConnectionLane) || this.single.hasRoom;
  }

  /** The connections of the lanes. */
  get connections(): { open: number; idle: number } {
    return {
      open: this.lanes.reduce((sum, { openCount }) => sum + openCount, 0),
      idle: this.lanes.reduce((sum, { idleCount }) => sum + idleCount, 0),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.end()));
  }

  /** Runs a statement for one caller. */
  async run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const end = this.observer?.(statement);
    try {
      const rows = await this.execute<Row>(this.single, statement, values);
      end?.();
      return rows;
    } catch (error) {
      end?.(error);
      throw error;
    }
  }

  /** A statement that many callers share: the same for all who give it the same name. */
  share<Row extends Answer>(asked: QuestionStatement): SharedStatement<Row> {
    const limits = this.isSharing ? SHARED : NOT_SHARED;
    return this.once(asked.name, () => new SharedStatement<Row>(...this.sharing<Row>(asked, this.shared, limits)));
  }

  /** Makes a change: together with others that wait, or alone if it may not share their execution. */
  async change<Row extends Changed>(
    { together, alone, owner }: ChangeStatement,
    question: Question,
    mayShare: boolean,
  ): Promise<Row | undefined> {
    const runAlone = async (one: Question) => (await this.run<Row>(alone, one))[0];
    if (!mayShare || !this.isSharing) return runAlone(question);
    const make = () =>
      new SharedChange<Row>(owner, runAlone, ...this.sharing<Row>(together, this.single, SHARED_CHANGES));
    return this.once(together.name, make).ask(question);
  }

  private once<Shared extends { readonly waitingCount: number }>(name: string, make: () => Shared): Shared {
    let shared = this.sharedStatements.get(name);
    if (shared === undefined) this.sharedStatements.set(name, (shared = make()));
    return shared as Shared;
  }

  private sharing<Row extends Answer>(
    asked: QuestionStatement,
    lane: Lane,
    limits: SharingLimits,
  ): ConstructorParameters<typeof SharedStatement<Row>> {
    const statement = { name: asked.name, text: textFor(asked, limits) };
    return [
      (columns) => this.execute(lane, statement, limits.questions === 1 ? columns.map(([value]) => value) : columns),
      () => this.observer?.(statement),
      limits,
    ];
  }

  private async execute<Row>(lane: Lane, { name, text }: Statement, values: readonly unknown[]): Promise<Row[]> {
    const sent = this.environment.DATABASE_PREPARED_STATEMENTS ? { name, text } : { text };
    const { rows } = await retryTransient(() => lane.query({ ...sent, values: values as unknown[] }));
    return rows as Row[];
  }
}
