import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../config/environment.js';
import { newClient, statementConnection } from './data-source-options.js';
import { requirePrimary } from './require-primary.js';
import { statement } from './statement.js';
import { StatementRunner } from './statement-runner.js';
import { isOutOfConnections } from './transient-failure.js';

const PING = statement({ name: 'ping', parameters: [], text: 'select 1' });

/** Asks the database for a sign of life. */
@Injectable()
export class DatabaseCheck {
  constructor(
    private readonly runner: StatementRunner,
    private readonly environment: Environment,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Never waits behind others: while all connections are busy, it asks on one of its own. 'Too many connections' still
   * counts as up.
   *
   * @param patienceMs how long such a connection may take, and its answer
   * @throws when the database does not answer
   */
  async ask(patienceMs: number): Promise<void> {
    if (this.runner.hasRoom) {
      await this.runner.execute(PING, { since: performance.now() });
      return;
    }
    try {
      await this.askBeside(patienceMs);
    } catch (error) {
      if (!isOutOfConnections(error)) throw error;
    }
  }

  private async askBeside(patienceMs: number): Promise<void> {
    const limits = { connectionTimeoutMillis: patienceMs, query_timeout: patienceMs };
    const client = newClient({ ...statementConnection(this.environment, this.dataSource), ...limits });
    try {
      await client.connect();
      await requirePrimary(client);
    } finally {
      client.end().catch(() => undefined);
    }
  }
}
