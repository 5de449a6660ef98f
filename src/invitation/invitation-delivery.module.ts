import { Module } from '@nestjs/common';
import { ObservabilityModule } from '../observability/observability.module.js';
import { InvitationDeliveryService } from './invitation-delivery.service.js';
import { InvitationModule } from './invitation.module.js';

/** Their delivery, which is the service's: no command delivers anything. */
@Module({ imports: [InvitationModule, ObservabilityModule], providers: [InvitationDeliveryService] })
export class InvitationDeliveryModule {}
