import { Logger } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';

/** How long a dependency may take to answer before it counts as away, in milliseconds. */
const PATIENCE_MS = 2_000;

/** How long an answer is good for, in milliseconds. */
const FRESH_MS = 1_000;

/**
 * Finds out whether a dependency answers, however often it is asked: calls at the same time share a check and, for a
 * second, calls after it share a positive answer. A change of the answer is logged.
 */
export class Probe {
  private readonly logger = new Logger('Health');
  private pending: Promise<boolean> | undefined;
  private wasUp = true;
  private answeredAt = -Infinity;

  /**
   * @param name of the dependency, for the log
   * @param ask rejects when it does not answer within so many milliseconds; whether it does or not, nobody waits longer
   */
  constructor(
    private readonly name: string,
    private readonly ask: (patienceMs: number) => Promise<unknown>,
  ) {}

  async isUp(): Promise<boolean> {
    if (performance.now() - this.answeredAt < FRESH_MS) return true;
    return (this.pending ??= this.find().finally(() => (this.pending = undefined)));
  }

  private async find(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    try {
      await Promise.race([this.ask(PATIENCE_MS), tooLate]);
      if (!this.wasUp) this.logger.log(`${this.name} is back`);
      this.answeredAt = performance.now();
      return (this.wasUp = true);
    } catch (error) {
      if (this.wasUp) this.logger.warn(`${this.name} is away: ${messageOf(error)}`);
      return (this.wasUp = false);
    } finally {
      clearTimeout(timer);
    }
  }
}
