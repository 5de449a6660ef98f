import type { LoggerService } from '@nestjs/common';
import { messageOf } from './errors/database-failure.js';

const DAY_MS = 86_400_000;

/** Instances that start together do not work together. */
const LATEST_FIRST_TIME_MS = 600_000;

/** Does something once a day, in the background. It keeps no process alive. */
export class DailyWork {
  private timer?: NodeJS.Timeout;
  private isStopped = false;

  /** @param failure what a warning says when it fails: a sentence without its end */
  constructor(
    private readonly failure: string,
    private readonly logger: LoggerService,
    private readonly work: () => Promise<void>,
  ) {}

  start(): void {
    this.schedule(Math.random() * LATEST_FIRST_TIME_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private schedule(delayMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.run(), delayMs).unref();
  }

  private async run(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.logger.warn(`${this.failure}: ${messageOf(error)}`);
    }
    this.schedule(DAY_MS);
  }
}
