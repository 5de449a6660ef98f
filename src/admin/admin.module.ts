import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.js';
import { OrganizationModule } from '../organization/organization.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SystemEventModule } from '../system-event/system-event.module.js';
import { UserModule } from '../user/user.module.js';
import { AdministrationService } from './administration.service.js';
import { ServiceAdministrationService } from './service-administration.service.js';

@Module({
  imports: [HistoryModule, UserModule, ServiceAccountModule, OrganizationModule, SettingsModule, SystemEventModule],
  providers: [AdministrationService, ServiceAdministrationService],
  exports: [AdministrationService, ServiceAdministrationService],
})
export class AdminModule {}
