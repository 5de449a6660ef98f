import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { PoolStatistics } from './pool-statistics.js';

/** The server has no connection to spare: it is there (PostgreSQL manual, appendix A). */
const TOO_MANY_CONNECTIONS = '53300';

/** Asks the database for a sign of life. */
@Injectable()
export class DatabaseCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pool: PoolStatistics,
  ) {}

  /**
   * Waits behind nobody: while all connections of the pool are taken it asks on one of its own. A server that refuses
   * that one, and not those that the pool has, is there.
   *
   * @param patienceMs how long such a connection may take, and its answer
   * @throws when the database does not answer
   */
  async ask(patienceMs: number): Promise<void> {
    const pool = this.pool.read();
    const isFull = pool !== undefined && pool.idle === 0 && pool.total >= pool.max;
    try {
      await (isFull ? this.askBeside(patienceMs) : this.dataSource.query('select 1'));
    } catch (error) {
      const isRefused = (error as { code?: unknown }).code === TOO_MANY_CONNECTIONS;
      if (!isRefused || !this.pool.read()?.total) throw error;
    }
  }

  private async askBeside(patienceMs: number): Promise<void> {
    const { master } = this.dataSource.driver as unknown as { master: { options: pg.ClientConfig } };
    const limits = { connectionTimeoutMillis: patienceMs, query_timeout: patienceMs };
    const client = new pg.Client({ ...master.options, ...limits });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
    } finally {
      client.end().catch(() => undefined);
    }
  }
}
