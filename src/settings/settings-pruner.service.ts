import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DailyWork } from '../common/daily-work.js';
import { Environment } from '../config/environment.js';
import { SettingsVersionRepository } from './settings-version.repository.js';

/**
 * Deletes, once a day and in the background, the versions of settings that are beyond both limits of retention,
 * and the questions of impact that are beyond that of days.
 */
@Injectable()
export class SettingsPrunerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SettingsPrunerService.name);
  private readonly daily = new DailyWork('Old versions could not be deleted', this.logger, async () => {
    const deleted = await this.prune();
    if (deleted > 0) this.logger.log(`Deleted ${deleted} versions and events of impact beyond their retention`);
  });

  constructor(
    private readonly versions: SettingsVersionRepository,
    private readonly environment: Environment,
  ) {}

  onApplicationBootstrap(): void {
    this.daily.start();
  }

  onApplicationShutdown(): void {
    this.daily.stop();
  }

  /** @returns how many versions were deleted */
  async prune(): Promise<number> {
    const retention = { versions: this.environment.HISTORY_KEEP_VERSIONS, days: this.environment.HISTORY_KEEP_DAYS };
    let deleted = 0;
    for (const what of ['organization', 'user', 'impact'] as const) {
      deleted += await this.versions.prune(what, retention);
    }
    return deleted;
  }
}
