import { Module } from '@nestjs/common';
import { OrganizationModule } from '../organization/organization.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { UserModule } from '../user/user.module.js';
import { EventDetails } from './event-details.js';
import { SystemEventController } from './system-event.controller.js';
import { SystemEventRepository } from './system-event.repository.js';
import { SystemEventService } from './system-event.service.js';

/** The audit: what happened, for those who may know. */
@Module({
  imports: [OrganizationModule, ServiceAccountModule, UserModule],
  controllers: [SystemEventController],
  providers: [SystemEventService, SystemEventRepository, EventDetails],
  exports: [SystemEventRepository, EventDetails],
})
export class SystemEventModule {}
