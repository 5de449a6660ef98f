import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { Metrics } from '../observability/metrics.js';
import { HistoryThinnerRepository, type OwnerType } from './history-thinner.repository.js';

/** How long after one look at the list the next one follows. */
const INTERVAL_MS = 10_000;

/**
 * Removes, in the background, the content of the oldest versions of owners whose versions take more bytes than allowed.
 * Changes put them on a list. Of several instances one works at a time.
 */
@Injectable()
export class HistoryThinnerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(HistoryThinnerService.name);
  private timer?: NodeJS.Timeout;
  private isStopped = false;
  private versions = 0;
  private bytes = 0;

  constructor(
    private readonly repository: HistoryThinnerRepository,
    private readonly environment: Environment,
    metrics: Metrics,
  ) {
    metrics.counter('history_versions_thinned_total', 'Versions whose content was thinned.', () => this.versions);
    metrics.counter('history_bytes_thinned_total', 'Bytes of content that were thinned.', () => this.bytes);
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Works the list once. */
  async thin(): Promise<void> {
    for (const type of ['organization', 'user'] as const) {
      for (let after: string | null = null; ;) {
        const ids: string[] = await this.repository.list(type, after);
        if (ids.length === 0) break;
        for (const id of ids) {
          if (this.isStopped || !(await this.thinOne(type, id))) return;
        }
        after = ids.at(-1)!;
      }
    }
  }

  /** @returns false while another instance is at work */
  private async thinOne(type: OwnerType, id: string): Promise<boolean> {
    while (!this.isStopped) {
      const { isDone, versions, bytes } = await this.repository.thin(type, id, this.environment.HISTORY_MAX_BYTES);
      this.versions += versions;
      this.bytes += bytes;
      if (isDone !== false) return isDone ?? false;
    }
    return false;
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.run(), INTERVAL_MS).unref();
  }

  private async run(): Promise<void> {
    try {
      await this.thin();
    } catch (error) {
      this.logger.warn(`Old versions could not be thinned: ${messageOf(error)}`);
    }
    this.schedule();
  }
}
