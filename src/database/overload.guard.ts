import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/errors/common.errors.js';
import { Environment } from '../config/environment.js';
import { PoolStatistics } from './pool-statistics.js';

/** When each caller has one request waiting, at most this many times the queue's size may wait. */
const MAX_FACTOR = 16;

/**
 * Turns requests away at once while too many wait for the database: a request that cannot be served soon is better
 * served by another instance, or later, than queued. Then a caller may have one request waiting, so that nobody is
 * turned away for what others do.
 */
@Injectable()
export class OverloadGuard implements CanActivate {
  constructor(
    private readonly pool: PoolStatistics,
    private readonly environment: Environment,
  ) {}

  /** @throws UnavailableError */
  canActivate(context: ExecutionContext): true {
    // Public routes tell how the service is doing, which matters most during an overload.
    const { user } = context.switchToHttp().getRequest<{ user?: { userId: string } }>();
    if (user === undefined) return true;
    const { waiting } = this.pool;
    const size = this.environment.DATABASE_QUEUE_SIZE;
    if (waiting < size) return true;
    if (waiting >= MAX_FACTOR * size || this.pool.waitingOf(user.userId) > 0) throw new UnavailableError();
    return true;
  }
}
