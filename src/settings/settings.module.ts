import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HistoryModule } from '../history/history.module.js';
import { OrganizationModule } from '../organization/organization.module.js';
import { UserModule } from '../user/user.module.js';
import { OrganizationSettings } from './organization-settings.entity.js';
import { SettingsPrunerService } from './settings-pruner.service.js';
import { settingsVersionControllers } from './settings-version.controller.js';
import { SettingsVersionRepository } from './settings-version.repository.js';
import { SettingsVersionService } from './settings-version.service.js';
import { settingsControllers } from './settings.controller.js';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';
import { UserSettings } from './user-settings.entity.js';

/** The settings documents of users and organizations. */
@Module({
  imports: [
    TypeOrmModule.forFeature([OrganizationSettings, UserSettings]),
    HistoryModule,
    OrganizationModule,
    UserModule,
  ],
  controllers: [...settingsControllers, ...settingsVersionControllers],
  providers: [
    SettingsService,
    SettingsRepository,
    SettingsVersionService,
    SettingsVersionRepository,
    SettingsPrunerService,
  ],
})
export class SettingsModule {}
