import { Module } from '@nestjs/common';
import { AdministrationService } from './administration.service.js';
import { ServiceAdministrationService } from './service-administration.service.js';

@Module({
  providers: [AdministrationService, ServiceAdministrationService],
  exports: [AdministrationService, ServiceAdministrationService],
})
export class AdminModule {}
