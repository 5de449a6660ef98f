import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { OrganizationModule } from '../organization/organization.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { UserModule } from '../user/user.module.js';
import { AllChangesRepository } from './all-changes.repository.js';
import { AllChangesService } from './all-changes.service.js';
import { ChangeRelayService } from './change-relay.service.js';
import { SettingsStreamController } from './settings-stream.controller.js';
import { SettingsStreamService } from './settings-stream.service.js';
import { WatchedVersions } from './watched-versions.js';
import { WatchPollerService } from './watch-poller.service.js';
import { WatchRepository } from './watch.repository.js';
import { WatchRightsRepository } from './watch-rights.repository.js';
import { WatchRightsService } from './watch-rights.service.js';
import { WatchService } from './watch.service.js';

/** Tells those who watch documents of new versions. */
@Module({
  imports: [HistoryModule, ObservabilityModule, OrganizationModule, ServiceAccountModule, UserModule],
  controllers: [SettingsStreamController],
  providers: [
    WatchService,
    WatchPollerService,
    WatchRepository,
    WatchRightsService,
    WatchRightsRepository,
    AllChangesService,
    AllChangesRepository,
    SettingsStreamService,
    ChangeRelayService,
    { provide: WatchedVersions, useFactory: () => new WatchedVersions() },
  ],
  exports: [WatchService],
})
export class WatchModule {}
