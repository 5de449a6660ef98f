import { once } from 'node:events';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';

/** For whom requests are counted. */
export type Policy = 'caller' | 'organization';

/** What is left of a quota. */
export interface Quota {
  readonly policy: Policy;
  /** How many requests are allowed in a window, and how many of them are left. */
  readonly limit: number;
  readonly remaining: number;
  /** How long the window still lasts, in seconds. */
  readonly resetSeconds: number;
  readonly isExceeded: boolean;
}

export const WINDOW_SECONDS = 60;

/** How long Redis may take before a request passes without it, and for how long it is not asked again then. */
const REDIS_PATIENCE_MS = 250;
const REDIS_PAUSE_MS = 1_000;
const REDIS_RETRY_MS = 1_000;

/** How often it is said that Redis is away. */
const WARNING_PAUSE_MS = 60_000;

type Limiter = RateLimiterMemory | RateLimiterRedis;

/**
 * Counts requests in windows of a minute: in this process or, where `REDIS_URL` names a Redis, there, for all instances
 * together. While Redis is away nothing is counted and every request passes; a warning says so.
 */
@Injectable()
export class RateLimitService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RateLimitService.name);
  private readonly limits: Record<Policy, number>;
  private readonly limiters = new Map<Policy, Limiter>();
  private redis?: Redis;
  private pausedUntil = 0;
  private warnedAt = -Infinity;

  constructor(private readonly environment: Environment) {
    this.limits = {
      caller: environment.RATE_LIMIT_PER_MINUTE,
      organization: environment.RATE_LIMIT_ORGANIZATION_PER_MINUTE,
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { REDIS_URL: url } = this.environment;
    if (url !== undefined) this.redis = await this.connect(url);
    for (const policy of ['caller', 'organization'] as const) {
      const points = this.limits[policy];
      if (points > 0) this.limiters.set(policy, this.limiterOf(`flashback:rate-limit:${policy}`, points));
    }
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }

  /**
   * Asks Redis for a sign of life.
   *
   * @throws when it does not answer, or none is configured
   */
  async askRedis(): Promise<void> {
    if (this.redis === undefined) throw new Error('there is no connection');
    await this.redis.ping();
  }

  /** Counts one request; `undefined` when nothing is counted. */
  async count(policy: Policy, key: string): Promise<Quota | undefined> {
    const limiter = this.limiters.get(policy);
    if (limiter === undefined || performance.now() < this.pausedUntil) return undefined;
    try {
      return this.quotaOf(policy, await limiter.consume(key), false);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return this.quotaOf(policy, refusal, true);
      this.pass(refusal);
      return undefined;
    }
  }

  private quotaOf(policy: Policy, { remainingPoints, msBeforeNext }: RateLimiterRes, isExceeded: boolean): Quota {
    return {
      policy,
      limit: this.limits[policy],
      remaining: remainingPoints,
      resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
      isExceeded,
    };
  }

  private limiterOf(keyPrefix: string, points: number): Limiter {
    const options = { keyPrefix, points, duration: WINDOW_SECONDS };
    return this.redis === undefined
      ? new RateLimiterMemory(options)
      : new RateLimiterRedis({ ...options, storeClient: this.redis, rejectIfRedisNotReady: true });
  }

  /** Loaded only where it is used. */
  private async connect(url: string): Promise<Redis> {
    const { Redis } = await import('ioredis');
    const redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: REDIS_PATIENCE_MS,
      connectTimeout: REDIS_PATIENCE_MS * 4,
      retryStrategy: () => REDIS_RETRY_MS,
    });
    redis.on('error', (error) => this.warn(error));
    // A start waits a moment, so that the first requests are counted, too; a Redis that is away does not keep it.
    await once(redis, 'ready', { signal: AbortSignal.timeout(REDIS_PATIENCE_MS * 4) }).catch(() => undefined);
    return redis;
  }

  private pass(error: unknown): void {
    this.pausedUntil = performance.now() + REDIS_PAUSE_MS;
    this.warn(error);
  }

  private warn(error: unknown): void {
    if (performance.now() - this.warnedAt < WARNING_PAUSE_MS) return;
    this.warnedAt = performance.now();
    this.logger.warn(`Redis is away, so requests are not limited: ${messageOf(error)}`);
  }
}
