import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { QueryConfig, QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import { Environment } from '../config/environment.js';
import { ConnectionLane } from './connection-lane.js';
import { connectionShares, statementConnection } from './data-source-options.js';
import { type Answer, SharedStatement } from './shared-statement.js';

/** A statement with the name under which each connection prepares it once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Told of each statement when it is asked for; what it returns is told of the answer, or of what went wrong. */
export type StatementObserver = (statement: Statement) => ((error?: unknown) => void) | undefined;

/** Where statements run: a lane of connections, or the embedded database. */
interface Lane {
  query(query: QueryConfig): Promise<Pick<QueryResult, 'rows'>>;
  /** How many statements wait for their turn. */
  readonly waitingCount: number;
}

/** How many statements a connection is sent before it has answered the first of them. */
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
  private readonly ownLanes: { single: ConnectionLane; shared: ConnectionLane } | undefined;
  private readonly single: Lane;
  private readonly shared: Lane;
  /** At most one. */
  observer: StatementObserver | undefined;

  private readonly sharedStatements = new Map<string, SharedStatement<Answer>>();

  constructor(dataSource: DataSource, environment: Environment) {
    if (environment.usesEmbeddedDatabase) {
      const { master } = dataSource.driver as unknown as { master: Lane };
      this.single = this.shared = master;
    } else {
      const config = statementConnection(environment);
      const shares = connectionShares(environment);
      const renew = () => {
        this.ownLanes?.single.renew();
        this.ownLanes?.shared.renew();
      };
      this.ownLanes = {
        single: new ConnectionLane(config, { connections: shares.single, depth: DEPTH }, renew),
        shared: new ConnectionLane(config, { connections: shares.shared, depth: 1 }, renew),
      };
      ({ single: this.single, shared: this.shared } = this.ownLanes);
    }
  }

  /** How many requests wait for a connection of a lane, or for others to be answered. */
  get waitingCount(): number {
    let waiting = this.ownLanes === undefined ? 0 : this.single.waitingCount + this.shared.waitingCount;
    for (const statement of this.sharedStatements.values()) waiting += statement.waitingCount;
    return waiting;
  }

  /** The connections of the lanes. */
  get connections(): { open: number; idle: number } {
    const { single, shared } = this.ownLanes ?? {};
    return {
      open: (single?.openCount ?? 0) + (shared?.openCount ?? 0),
      idle: (single?.idleCount ?? 0) + (shared?.idleCount ?? 0),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.ownLanes?.single.end(), this.ownLanes?.shared.end()]);
  }

  /** Runs a statement for one caller. */
  async run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const end = this.observer?.(statement);
    try {
      const rows = await execute<Row>(this.single, statement, values);
      end?.();
      return rows;
    } catch (error) {
      end?.(error);
      throw error;
    }
  }

  /** A statement that many callers share: the same for all who give it the same name. */
  share<Row extends Answer>(statement: Statement): SharedStatement<Row> {
    let shared = this.sharedStatements.get(statement.name);
    if (shared === undefined) {
      shared = new SharedStatement(
        (columns) => execute(this.shared, statement, columns),
        () => this.observer?.(statement),
      );
      this.sharedStatements.set(statement.name, shared);
    }
    return shared as unknown as SharedStatement<Row>;
  }
}

async function execute<Row>(lane: Lane, { name, text }: Statement, values: readonly unknown[]): Promise<Row[]> {
  const { rows } = await lane.query({ name, text, values: values as unknown[] });
  return rows as Row[];
}
