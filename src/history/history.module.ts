import { Module } from '@nestjs/common';
import { ObservabilityModule } from '../observability/observability.module.js';
import { HistoryThinnerRepository } from './history-thinner.repository.js';
import { HistoryThinnerService } from './history-thinner.service.js';
import { VersionAuthorRepository } from './version-author.repository.js';

/** What the history has for all that is changed: the quota, and who made a version. */
@Module({
  imports: [ObservabilityModule],
  providers: [HistoryThinnerService, HistoryThinnerRepository, VersionAuthorRepository],
  exports: [VersionAuthorRepository],
})
export class HistoryModule {}
