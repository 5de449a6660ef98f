import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { TooManyTakenEmailsError } from './member.errors.js';

const PER_HOUR = 50;
const HOUR_SECONDS = 3600;

/**
 * Counts how often a caller hears that an email is in use, which says something about other organizations. In this
 * process, also where Redis counts requests.
 */
@Injectable()
export class TakenEmails {
  private readonly limiter = new RateLimiterMemory({ points: PER_HOUR, duration: HOUR_SECONDS });

  /** @throws TooManyTakenEmailsError */
  async require(callerId: string): Promise<void> {
    const counted = await this.limiter.get(callerId);
    if (counted !== null && counted.consumedPoints >= PER_HOUR) {
      throw new TooManyTakenEmailsError(Math.max(1, Math.ceil(counted.msBeforeNext / 1000)));
    }
  }

  async count(callerId: string): Promise<void> {
    await this.limiter.penalty(callerId);
  }
}
