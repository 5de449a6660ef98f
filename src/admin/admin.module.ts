import { Module } from '@nestjs/common';
import { AdministrationRepository } from './administration.repository.js';
import { AdministrationService } from './administration.service.js';
import { ServiceAdministrationService } from './service-administration.service.js';

@Module({
  providers: [AdministrationRepository, AdministrationService, ServiceAdministrationService],
  exports: [AdministrationService, ServiceAdministrationService],
})
export class AdminModule {}
