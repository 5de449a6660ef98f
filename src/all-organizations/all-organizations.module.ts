import { Module } from '@nestjs/common';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { OrganizationListController } from './organization-list.controller.js';
import { OrganizationListRepository } from './organization-list.repository.js';
import { OrganizationListService } from './organization-list.service.js';
import { SettingsBatchController } from './settings-batch.controller.js';
import { SettingsBatchRepository } from './settings-batch.repository.js';
import { SettingsBatchService } from './settings-batch.service.js';

/** What service accounts of all organizations read: which organizations there are, and many documents at once. */
@Module({
  imports: [RateLimitModule, ServiceAccountModule],
  controllers: [OrganizationListController, SettingsBatchController],
  providers: [OrganizationListService, OrganizationListRepository, SettingsBatchRepository, SettingsBatchService],
})
export class AllOrganizationsModule {}
