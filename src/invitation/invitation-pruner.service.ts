import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DailyWork } from '../common/daily-work.js';
import { Environment } from '../config/environment.js';
import { InvitationRepository } from './invitation.repository.js';

/** How many days the outcome of an invitation can be looked up at least, however short it holds. */
const MIN_DAYS = 30;

/** Deletes, once a day and in the background, the invitations that nobody can use any more. */
@Injectable()
export class InvitationPrunerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(InvitationPrunerService.name);
  private readonly daily = new DailyWork('Old invitations could not be deleted', this.logger, async () => {
    const deleted = await this.prune();
    if (deleted > 0) this.logger.log(`Deleted ${deleted} invitations beyond their retention`);
  });

  constructor(
    private readonly invitations: InvitationRepository,
    private readonly environment: Environment,
  ) {}

  onApplicationBootstrap(): void {
    this.daily.start();
  }

  onApplicationShutdown(): void {
    this.daily.stop();
  }

  /** @returns how many invitations were deleted */
  prune(): Promise<number> {
    return this.invitations.prune(Math.max(this.environment.INVITATION_TTL_DAYS, MIN_DAYS));
  }
}
