import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type ActiveService, ServiceAccountRepository } from './service-account.repository.js';

/** How many callers an instance remembers; each takes about 200 bytes. */
const MAX_REMEMBERED = 10_000;

/** How long an account that was read counts as current, in milliseconds. */
export const FRESH_MS = 60_000;

/** A caller's own limit; `undefined` where it has none. */
interface OwnLimit {
  readonly perMinute: number | undefined;
}

/**
 * How many requests a minute service accounts may send, where they have a limit of their own.
 *
 * Code that reads an account for another reason calls `remember`, so that a request is counted without a look-up. The
 * only look-up is for a caller who would be refused by a limit that is not known, or no longer fresh.
 */
@Injectable()
export class ServiceLimits {
  private readonly limits: LRUCache<string, OwnLimit>;

  constructor(services: ServiceAccountRepository) {
    this.limits = new LRUCache<string, OwnLimit>({
      max: MAX_REMEMBERED,
      ttl: FRESH_MS,
      allowStale: true,
      noDeleteOnStaleGet: true,
      noDeleteOnFetchRejection: true,
      fetchMethod: async (id) => ownLimitOf(await services.findActive(id, performance.now())),
    });
  }

  remember(service: ActiveService): void {
    this.limits.set(service.id, ownLimitOf(service));
  }

  /** As it was last read. */
  recall(callerId: string): number | undefined {
    return this.limits.get(callerId)?.perMinute;
  }

  isFresh(callerId: string): boolean {
    return this.limits.has(callerId);
  }

  /** As the database has it now. Those who ask at the same time share one look. */
  async lookUp(callerId: string): Promise<number | undefined> {
    return (await this.limits.fetch(callerId, { allowStale: false }))?.perMinute;
  }
}

function ownLimitOf(service: ActiveService | null): OwnLimit {
  return { perMinute: service?.rateLimitPerMinute ?? undefined };
}
