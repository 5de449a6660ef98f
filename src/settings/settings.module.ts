import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HistoryModule } from '../history/history.module.js';
import { OrganizationModule } from '../organization/organization.module.js';
import { UserModule } from '../user/user.module.js';
import { WatchModule } from '../watch/watch.module.js';
import { OrganizationSettings } from './organization-settings.entity.js';
import { SettingsPrunerService } from './settings-pruner.service.js';
import { settingsVersionControllers } from './settings-version.controller.js';
import { SettingsVersionRepository } from './settings-version.repository.js';
import { SettingsVersionService } from './settings-version.service.js';
import { settingsControllers } from './settings.controller.js';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';
import { SettingsWaitingService } from './settings-waiting.service.js';
import { UserSettings } from './user-settings.entity.js';

/** The settings documents of users and organizations. */
@Module({
  imports: [
    TypeOrmModule.forFeature([OrganizationSettings, UserSettings]),
    HistoryModule,
    OrganizationModule,
    UserModule,
    WatchModule,
  ],
  controllers: [...settingsControllers, ...settingsVersionControllers],
  providers: [
    SettingsService,
    SettingsRepository,
    SettingsWaitingService,
    SettingsVersionService,
    SettingsVersionRepository,
    SettingsPrunerService,
  ],
})
export class SettingsModule {}
