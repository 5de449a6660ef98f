import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { StatementRunner } from '../database/statement-runner.js';
import { Metrics } from '../observability/metrics.js';

/** How long the database may take to answer before it counts as away, in milliseconds. */
const PATIENCE_MS = 2_000;

const PING = { name: 'ping', text: 'select 1' };

/** Finds out how the things stand that the service needs. */
@Injectable()
export class HealthService {
  private readonly logger = new Logger(HealthService.name);
  private asking: Promise<boolean> | undefined;

  constructor(
    private readonly runner: StatementRunner,
    metrics: Metrics,
  ) {
    metrics.gauge('database_up', 'Whether the database answers: 1 or 0.', async () =>
      (await this.isDatabaseUp()) ? 1 : 0,
    );
  }

  /** Those who want to know at the same time share one question: it waits for a connection as everything else does. */
  isDatabaseUp(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    try {
      await Promise.race([this.runner.run(PING, []), tooLate]);
      return true;
    } catch (error) {
      this.logger.warn(`The database is away: ${messageOf(error)}`);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
