import { once } from 'node:events';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { messageOf } from '../common/errors/database-failure.js';
import { Environment } from '../config/environment.js';
import { RequestWindows } from './request-windows.js';

/**
 * For whom requests are counted: callers, all who act on an organization, and addresses of those without a valid token;
 * and again for an organization those that ask whom a change would touch.
 */
export type QuotaPolicy = 'caller' | 'organization' | 'address' | 'impact';

/** How often that may be asked for one organization, in a minute. */
const IMPACTS_PER_MINUTE = 10;

/** How many requests a window has counted. */
export interface Counted {
  readonly policy: QuotaPolicy;
  readonly count: number;
  /** How long the window still lasts, in milliseconds. */
  readonly msLeft: number;
}

/** What is left of a quota. */
export interface Quota extends Counted {
  /** How many requests are allowed in a window, and how many of them are left. */
  readonly limit: number;
  readonly remaining: number;
  /** How long the window still lasts, in seconds. */
  readonly resetSeconds: number;
  readonly isExceeded: boolean;
}

export const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1000;

/** How long Redis may take before a request passes without it, and for how long it is not asked again then. */
const REDIS_PATIENCE_MS = 250;
const REDIS_PAUSE_MS = 1_000;
const REDIS_RETRY_MS = 1_000;

/** How often it is said that Redis is away. */
const WARNING_PAUSE_MS = 60_000;

/**
 * Counts requests in windows of a minute: in this process or, where `REDIS_URL` names a Redis, there, for all instances
 * together. While Redis is away nothing is counted and every request passes; a warning says so.
 */
@Injectable()
export class RateLimitService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RateLimitService.name);
  private readonly limits: Record<QuotaPolicy, number>;
  private readonly windows: Record<QuotaPolicy, RequestWindows> = {
    caller: new RequestWindows(WINDOW_MS),
    organization: new RequestWindows(WINDOW_MS),
    address: new RequestWindows(WINDOW_MS),
    impact: new RequestWindows(WINDOW_MS),
  };
  private limiters?: Record<QuotaPolicy, RateLimiterRedis>;
  private redis?: Redis;
  private pausedUntil = 0;
  private warnedAt = -Infinity;

  constructor(private readonly environment: Environment) {
    this.limits = {
      caller: environment.RATE_LIMIT_PER_MINUTE,
      organization: environment.RATE_LIMIT_ORGANIZATION_PER_MINUTE,
      address: environment.RATE_LIMIT_ADDRESS_PER_MINUTE,
      impact: IMPACTS_PER_MINUTE,
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { REDIS_URL: url } = this.environment;
    if (url === undefined) return;
    const redis = (this.redis = await this.connect(url));
    const { RateLimiterRedis } = await import('rate-limiter-flexible');
    const limiterOf = (policy: QuotaPolicy) =>
      new RateLimiterRedis({
        keyPrefix: `flashback:rate-limit:${policy}`,
        points: this.limits[policy],
        duration: WINDOW_SECONDS,
        storeClient: redis,
        rejectIfRedisNotReady: true,
      });
    this.limiters = {
      caller: limiterOf('caller'),
      organization: limiterOf('organization'),
      address: limiterOf('address'),
      impact: limiterOf('impact'),
    };
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

  /**
   * Counts requests, in this process at once; `undefined` when nothing is counted.
   *
   * @param limit the one of this key; absent: the policy's
   * @param requests how many at once
   */
  count(
    policy: QuotaPolicy,
    key: string,
    limit = this.limits[policy],
    requests = 1,
  ): Quota | undefined | Promise<Quota | undefined> {
    if (limit === 0) return undefined;
    if (this.limiters !== undefined) return this.countInRedis(this.limiters[policy], policy, key, limit, requests);
    return this.quotaOf({ policy, ...this.windows[policy].count(key, requests) }, limit);
  }

  /** What is left of a limit; `undefined` when there is none. */
  quotaOf({ policy, count, msLeft }: Counted, limit = this.limits[policy]): Quota | undefined {
    if (limit === 0) return undefined;
    return {
      policy,
      count,
      msLeft,
      limit,
      remaining: Math.max(0, limit - count),
      resetSeconds: Math.max(1, Math.ceil(msLeft / 1000)),
      isExceeded: count > limit,
    };
  }

  /** Redis counts on beyond the limit that its limiter knows, which is the policy's. */
  private async countInRedis(
    limiter: RateLimiterRedis,
    policy: QuotaPolicy,
    key: string,
    limit: number,
    requests: number,
  ): Promise<Quota | undefined> {
    if (performance.now() < this.pausedUntil) return undefined;
    const quotaLeft = ({ consumedPoints, msBeforeNext }: RateLimiterRes) =>
      this.quotaOf({ policy, count: consumedPoints, msLeft: msBeforeNext }, limit);
    try {
      return quotaLeft(await limiter.consume(key, requests));
    } catch (error) {
      // With what was counted where the limit is exceeded, with an error where Redis is away.
      const refusal = error as RateLimiterRes | Error;
      if (refusal instanceof Error) {
        this.pass(refusal);
        return undefined;
      }
      return quotaLeft(refusal);
    }
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
