import { Injectable, Optional } from '@nestjs/common';
import { KeySet } from '../auth/key-set.js';
import { Environment } from '../config/environment.js';
import { DatabaseCheck } from '../database/database-check.js';
import { Metrics } from '../observability/metrics.js';
import { RateLimitService } from '../rate-limit/rate-limit.service.js';
import { Probe } from './probe.js';

export interface Dependency {
  readonly status: 'up' | 'down';
}

/** The state of each dependency of the service; those that are not configured are missing. */
export interface Dependencies {
  readonly database: Dependency;
  readonly redis?: Dependency;
  readonly keyServer?: Dependency;
}

export interface Health {
  /** Requests can be answered without Redis, and without the key server as long as keys are known. */
  readonly state: 'ok' | 'degraded' | 'unavailable';
  readonly dependencies: Dependencies;
}

/** Finds out the state of the service's dependencies. */
@Injectable()
export class HealthService {
  private readonly database: Probe;
  private readonly redis: Probe | undefined;

  constructor(
    database: DatabaseCheck,
    rates: RateLimitService,
    environment: Environment,
    metrics: Metrics,
    @Optional() private readonly keys?: KeySet,
  ) {
    this.database = new Probe('The database', (patienceMs) => database.ask(patienceMs));
    this.redis = environment.REDIS_URL === undefined ? undefined : new Probe('Redis', () => rates.askRedis());
    const { redis } = this;
    metrics.gauge('database_up', 'Whether the database answers: 1 or 0.', async () =>
      Number(await this.database.isUp()),
    );
    if (redis) metrics.gauge('redis_up', 'Whether Redis answers: 1 or 0.', async () => Number(await redis.isUp()));
    if (keys) metrics.gauge('key_server_up', 'Whether the last fetch brought keys: 1 or 0.', () => Number(keys.isUp));
  }

  async find(): Promise<Health> {
    const { keys, redis } = this;
    const [isDatabaseUp, isRedisUp] = await Promise.all([this.database.isUp(), redis?.isUp()]);
    const isReady = isDatabaseUp && keys?.isUsable !== false;
    const isWhole = isRedisUp !== false && keys?.isUp !== false;
    return {
      state: !isReady ? 'unavailable' : isWhole ? 'ok' : 'degraded',
      dependencies: {
        database: statusOf(isDatabaseUp),
        ...(isRedisUp !== undefined && { redis: statusOf(isRedisUp) }),
        ...(keys && { keyServer: statusOf(keys.isUp) }),
      },
    };
  }
}

function statusOf(isUp: boolean): Dependency {
  return { status: isUp ? 'up' : 'down' };
}
