import { Module } from '@nestjs/common';
import { ObservabilityModule } from '../observability/observability.module.js';
import { ChangeFeed } from './change-feed.js';
import { HistoryThinnerRepository } from './history-thinner.repository.js';
import { HistoryThinnerService } from './history-thinner.service.js';
import { VersionAuthorRepository } from './version-author.repository.js';

/** What the history has for all that is changed: the quota, who made a version, and who is told of it. */
@Module({
  imports: [ObservabilityModule],
  providers: [ChangeFeed, HistoryThinnerService, HistoryThinnerRepository, VersionAuthorRepository],
  exports: [ChangeFeed, VersionAuthorRepository],
})
export class HistoryModule {}
