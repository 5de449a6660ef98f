import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { PoolStatistics } from './pool-statistics.js';

/**
 * Turns requests away at once while too many wait for the database: what cannot be done soon is better done by another
 * instance, or later, than piled up.
 */
@Injectable()
export class OverloadGuard implements CanActivate {
  constructor(
    private readonly pool: PoolStatistics,
    private readonly environment: Environment,
  ) {}

  /** @throws UnavailableError */
  canActivate(context: ExecutionContext): true {
    // What is open to all tells how the service is, which matters most just now.
    const { user } = context.switchToHttp().getRequest<{ user?: object }>();
    if (user === undefined) return true;
    if (this.pool.waiting >= this.environment.DATABASE_QUEUE_SIZE) throw new UnavailableError();
    return true;
  }
}
