import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { ChangeRelayService } from './change-relay.service.js';
import { WatchedVersions } from './watched-versions.js';
import { WatchPollerService } from './watch-poller.service.js';
import { WatchRepository } from './watch.repository.js';
import { WatchService } from './watch.service.js';

/** Tells of new versions of documents those who watch them. */
@Module({
  imports: [HistoryModule, ObservabilityModule],
  providers: [
    WatchService,
    WatchPollerService,
    WatchRepository,
    ChangeRelayService,
    { provide: WatchedVersions, useFactory: () => new WatchedVersions() },
  ],
  exports: [WatchService],
})
export class WatchModule {}
