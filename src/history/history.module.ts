import { Module } from '@nestjs/common';
import { ObservabilityModule } from '../observability/observability.module.js';
import { HistoryThinnerRepository } from './history-thinner.repository.js';
import { HistoryThinnerService } from './history-thinner.service.js';

/** What bounds the history, whatever was changed. */
@Module({ imports: [ObservabilityModule], providers: [HistoryThinnerService, HistoryThinnerRepository] })
export class HistoryModule {}
