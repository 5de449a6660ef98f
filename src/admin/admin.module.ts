import { Module } from '@nestjs/common';
import { InvitationModule } from '../invitation/invitation.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SystemEventModule } from '../system-event/system-event.module.js';
import { UserModule } from '../user/user.module.js';
import { AdministrationRepository } from './administration.repository.js';
import { AdministrationService } from './administration.service.js';
import { HistoryRepository } from './history.repository.js';
import { HistoryService } from './history.service.js';
import { ServiceAdministrationService } from './service-administration.service.js';
import { SystemSettingsService } from './system-settings.service.js';

@Module({
  imports: [InvitationModule, ServiceAccountModule, SettingsModule, SystemEventModule, UserModule],
  providers: [
    AdministrationRepository,
    AdministrationService,
    HistoryRepository,
    HistoryService,
    ServiceAdministrationService,
    SystemSettingsService,
  ],
  exports: [AdministrationService, HistoryService, ServiceAdministrationService, SystemSettingsService],
})
export class AdminModule {}
