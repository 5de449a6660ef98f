import { Module } from '@nestjs/common';
import { OrganizationModule } from '../organization/organization.module.js';
import { UserModule } from '../user/user.module.js';
import { AdministrationService } from './administration.service.js';

@Module({
  imports: [UserModule, OrganizationModule],
  providers: [AdministrationService],
  exports: [AdministrationService],
})
export class AdminModule {}
