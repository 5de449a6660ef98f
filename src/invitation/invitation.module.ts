import { Module } from '@nestjs/common';
import { InvitationPrunerService } from './invitation-pruner.service.js';
import { InvitationRepository } from './invitation.repository.js';

/** The invitations that are kept. */
@Module({ providers: [InvitationRepository, InvitationPrunerService], exports: [InvitationRepository] })
export class InvitationModule {}
