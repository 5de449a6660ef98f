import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrganizationModule } from '../organization/organization.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { UserModule } from '../user/user.module.js';
import { EventDetails } from './event-details.js';
import { EventRead } from './event-read.entity.js';
import { SystemEventController } from './system-event.controller.js';
import { SystemEventRepository } from './system-event.repository.js';
import { SystemEventService } from './system-event.service.js';

/** The audit: what happened, for those who may know. */
@Module({
  imports: [TypeOrmModule.forFeature([EventRead]), OrganizationModule, ServiceAccountModule, UserModule],
  controllers: [SystemEventController],
  providers: [SystemEventService, SystemEventRepository, EventDetails],
  exports: [SystemEventRepository, EventDetails],
})
export class SystemEventModule {}
