import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HistoryModule } from '../history/history.module.js';
import { LayersModule } from '../layers/layers.module.js';
import { ObservabilityModule } from '../observability/observability.module.js';
import { OrganizationModule } from '../organization/organization.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { UserModule } from '../user/user.module.js';
import { WatchModule } from '../watch/watch.module.js';
import { EffectiveSettingsController } from './effective-settings.controller.js';
import { EffectiveSettingsRepository } from './effective-settings.repository.js';
import { EffectiveSettingsService } from './effective-settings.service.js';
import { ImpactRepository } from './impact.repository.js';
import { ImpactService } from './impact.service.js';
import { JudgedChangesService } from './judged-changes.service.js';
import { OrganizationDocument } from './organization-document.entity.js';
import { OrganizationSettings } from './organization-settings.entity.js';
import { PolicyInForce } from './policy-in-force.entity.js';
import { PolicyTextRepository } from './policy-text.repository.js';
import { SettingsPrunerService } from './settings-pruner.service.js';
import { settingsVersionControllers } from './settings-version.controller.js';
import { SettingsVersionRepository } from './settings-version.repository.js';
import { SettingsVersionService } from './settings-version.service.js';
import { settingsControllers } from './settings.controller.js';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';
import { SettingsWaitingService } from './settings-waiting.service.js';
import { SystemDocument } from './system-document.entity.js';
import { UserSettings } from './user-settings.entity.js';

/** The documents of users, organizations and the system. */
@Module({
  imports: [
    TypeOrmModule.forFeature([OrganizationSettings, UserSettings, OrganizationDocument, SystemDocument, PolicyInForce]),
    HistoryModule,
    OrganizationModule,
    UserModule,
    WatchModule,
    LayersModule,
    RateLimitModule,
    ObservabilityModule,
  ],
  exports: [SettingsService],
  controllers: [...settingsControllers, ...settingsVersionControllers, EffectiveSettingsController],
  providers: [
    SettingsService,
    SettingsRepository,
    JudgedChangesService,
    PolicyTextRepository,
    SettingsWaitingService,
    SettingsVersionService,
    SettingsVersionRepository,
    SettingsPrunerService,
    EffectiveSettingsService,
    EffectiveSettingsRepository,
    ImpactService,
    ImpactRepository,
  ],
})
export class SettingsModule {}
