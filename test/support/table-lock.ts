import type { DataSource, QueryRunner } from 'typeorm';
import { untilSessionsWait } from './waiting-sessions.js';

/** A table that is locked whole, so that what the service asks of it waits. */
export class TableLock {
  private constructor(
    private readonly runner: QueryRunner,
    private readonly dataSource: DataSource,
  ) {}

  static async hold(dataSource: DataSource, table: string): Promise<TableLock> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`lock table ${table} in access exclusive mode`);
    return new TableLock(runner, dataSource);
  }

  /** Returns when somebody waits for it, or so many. */
  isWaitedFor(waiters = 1): Promise<void> {
    return untilSessionsWait(this.dataSource, waiters);
  }

  async release(): Promise<void> {
    await this.runner.rollbackTransaction();
    await this.runner.release();
  }
}
