import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { TooManyTakenEmailsError } from './member.errors.js';

const PER_HOUR = 50;
const HOUR_SECONDS = 3600;

/**
 * Counts how often a caller is told that an email is in use, which reveals something about other organizations. An
 * attempt counts while it runs, so that many at once reveal no more. The count is kept in this process, even where
 * Redis counts requests: each of several instances reveals as much.
 */
@Injectable()
export class TakenEmails {
  private readonly told = new RateLimiterMemory({ points: PER_HOUR, duration: HOUR_SECONDS });
  private readonly running = new Map<string, number>();

  /** @throws TooManyTakenEmailsError before the attempt; what the attempt throws */
  async guard<Result extends { readonly status: string }>(
    callerId: string,
    attempt: () => Promise<Result>,
  ): Promise<Result> {
    const told = await this.told.get(callerId);
    const running = this.running.get(callerId) ?? 0;
    const toldCount = told?.consumedPoints ?? 0;
    if (toldCount + running >= PER_HOUR) {
      const isOver = toldCount >= PER_HOUR;
      throw new TooManyTakenEmailsError(isOver ? Math.max(1, Math.ceil(told!.msBeforeNext / 1000)) : 1);
    }
    this.running.set(callerId, running + 1);
    try {
      const result = await attempt();
      if (result.status === 'email-taken') await this.told.penalty(callerId);
      return result;
    } finally {
      const left = this.running.get(callerId)! - 1;
      if (left > 0) this.running.set(callerId, left);
      else this.running.delete(callerId);
    }
  }
}
