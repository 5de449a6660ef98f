import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UserModule } from '../user/user.module.js';
import { Member } from './member.entity.js';
import { MemberRepository } from './member.repository.js';
import { MembershipService } from './membership.service.js';
import { OrganizationController } from './organization.controller.js';
import { Organization } from './organization.entity.js';
import { OrganizationRepository } from './organization.repository.js';
import { OrganizationService } from './organization.service.js';
import { RolesGuard } from './roles.guard.js';

/** Organizations, their members, and the guard that knows what a member may do. */
@Module({
  imports: [TypeOrmModule.forFeature([Organization, Member]), UserModule],
  controllers: [OrganizationController],
  providers: [OrganizationService, OrganizationRepository, MemberRepository, MembershipService, RolesGuard],
  exports: [OrganizationRepository, MemberRepository, MembershipService, RolesGuard],
})
export class OrganizationModule {}
