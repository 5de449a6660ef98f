import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import { SettingsVersionRepository } from './settings-version.repository.js';

const DAY_MS = 86_400_000;

/** Instances that start together do not prune together. */
const LATEST_FIRST_TIME_MS = 600_000;

/** Deletes, once a day and in the background, the versions of settings that are beyond both limits of retention. */
@Injectable()
export class SettingsPrunerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SettingsPrunerService.name);
  private timer?: NodeJS.Timeout;
  private isStopped = false;

  constructor(
    private readonly versions: SettingsVersionRepository,
    private readonly environment: Environment,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(Math.random() * LATEST_FIRST_TIME_MS);
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** @returns how many versions were deleted */
  async prune(): Promise<number> {
    const retention = { versions: this.environment.HISTORY_KEEP_VERSIONS, days: this.environment.HISTORY_KEEP_DAYS };
    let deleted = 0;
    for (const { document } of Object.values(SETTINGS_DOCUMENTS)) {
      deleted += await this.versions.prune(document, retention);
    }
    return deleted;
  }

  private schedule(delayMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.run(), delayMs).unref();
  }

  private async run(): Promise<void> {
    try {
      const deleted = await this.prune();
      if (deleted > 0) this.logger.log(`Deleted ${deleted} versions of settings beyond their retention`);
    } catch (error) {
      this.logger.warn(`Old versions could not be deleted: ${messageOf(error)}`);
    }
    this.schedule(DAY_MS);
  }
}
