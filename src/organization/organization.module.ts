import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module.js';
import { ServiceAccountModule } from '../service-account/service-account.module.js';
import { UserModule } from '../user/user.module.js';
import { MemberRepository } from './member.repository.js';
import { MembershipService } from './membership.service.js';
import { MfaController } from './mfa.controller.js';
import { OrganizationController } from './organization.controller.js';
import { OrganizationRepository } from './organization.repository.js';
import { OrganizationService } from './organization.service.js';
import { OrganizationVersionController } from './organization-version.controller.js';
import { OrganizationVersionRepository } from './organization-version.repository.js';
import { OrganizationVersionService } from './organization-version.service.js';
import { RolesGuard } from './roles.guard.js';
import { ServiceAccessService } from './service-access.service.js';

/** Organizations, their members, and the guard that knows what a member may do. */
@Module({
  imports: [HistoryModule, ServiceAccountModule, UserModule],
  controllers: [OrganizationController, MfaController, OrganizationVersionController],
  providers: [
    OrganizationService,
    OrganizationRepository,
    OrganizationVersionService,
    OrganizationVersionRepository,
    MemberRepository,
    MembershipService,
    ServiceAccessService,
    RolesGuard,
  ],
  exports: [OrganizationRepository, MemberRepository, MembershipService, ServiceAccessService, RolesGuard],
})
export class OrganizationModule {}
