import { Module } from '@nestjs/common';
import { OrganizationModule } from '../organization/organization.module.js';
import { MemberController } from './member.controller.js';
import { MemberService } from './member.service.js';
import { MemberTargetGuard } from './member-target.guard.js';
import { MembersRepository } from './members.repository.js';
import { TakenEmails } from './taken-emails.js';
import { UserController } from './user.controller.js';
import { UserProfileRepository } from './user-profile.repository.js';
import { UserProfileService } from './user-profile.service.js';

/** The people of an organization, and what they may do to each other. */
@Module({
  imports: [OrganizationModule],
  controllers: [MemberController, UserController],
  providers: [
    MemberService,
    MemberTargetGuard,
    MembersRepository,
    TakenEmails,
    UserProfileRepository,
    UserProfileService,
  ],
  exports: [MemberTargetGuard],
})
export class MemberModule {}
