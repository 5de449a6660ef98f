import type { DataSource, QueryRunner } from 'typeorm';
import { vi } from 'vitest';

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
  async isWaitedFor(waiters = 1): Promise<void> {
    await vi.waitUntil(
      async () => {
        const waiting = await this.dataSource.query<object[]>(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return waiting.length >= waiters;
      },
      { timeout: 60_000, interval: 20 },
    );
  }

  async release(): Promise<void> {
    await this.runner.rollbackTransaction();
    await this.runner.release();
  }
}
