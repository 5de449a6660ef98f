import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrganizationModule } from '../organization/organization.module.js';
import { UserModule } from '../user/user.module.js';
import { OrganizationSettings } from './organization-settings.entity.js';
import { OrganizationSettingsController } from './organization-settings.controller.js';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';
import { UserSettings } from './user-settings.entity.js';
import { UserSettingsController } from './user-settings.controller.js';

/** The settings documents of users and organizations. */
@Module({
  imports: [TypeOrmModule.forFeature([OrganizationSettings, UserSettings]), OrganizationModule, UserModule],
  controllers: [UserSettingsController, OrganizationSettingsController],
  providers: [SettingsService, SettingsRepository],
})
export class SettingsModule {}
