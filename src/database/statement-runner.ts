import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { retryTransient } from './transient-failure.js';

/** A statement with the name under which each connection prepares it once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

interface Pool {
  query(query: { name: string; text: string; values: readonly unknown[] }): Promise<{ rows: unknown[] }>;
}

/**
 * Runs one prepared statement on TypeORM's own pool, for the few that every request takes. `DataSource.query` would
 * prepare it anew each time and cost about as much again as the statement itself.
 */
@Injectable()
export class StatementRunner {
  constructor(private readonly dataSource: DataSource) {}

  async run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const { master } = this.dataSource.driver as unknown as { master: Pool };
    const { rows } = await retryTransient(() => master.query({ ...statement, values }));
    return rows as Row[];
  }
}
