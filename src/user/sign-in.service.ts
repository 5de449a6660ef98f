import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../common/at-most.js';
import { UnauthorizedError } from '../auth/auth.errors.js';
import type { Principal } from '../auth/principal.js';
import { UnavailableError } from '../common/errors/common.errors.js';
import { MAX_WAIT_MS } from '../database/timed-queue.js';
import { SignInRepository } from './sign-in.repository.js';

/** How many subjects an instance remembers; each takes about 200 bytes. */
const REMEMBERED_SUBJECTS = 100_000;

/** How long a subject that was read counts as current, in milliseconds. */
const FRESH_MS = 60_000;

/**
 * Finds out which user the subject of a token is.
 *
 * 1. A linked subject is the user whom it was linked to, and that user's id is no subject any more.
 * 2. Any other subject is an id: of a user, of a service account, or nobody's.
 * 3. A user's first request validates them before anything else is done for them. A subject that is nobody is
 *    linked then, where the token has a verified email (docs/members.md).
 *
 * Only subjects that were found are remembered, so a user made or linked by another instance is found at once.
 */
@Injectable()
export class SignInService {
  private readonly remembered = new LRUCache<string, Principal>({
    ...atMost(REMEMBERED_SUBJECTS),
    ttl: FRESH_MS,
    ttlResolution: 1_000,
  });
  /** First requests often come several at once: those that run at the same time share one change. */
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(private readonly signIns: SignInRepository) {}

  /** Whom the subject is known to be; `undefined` says nothing. */
  recall(subject: string): Principal | undefined {
    return this.remembered.get(subject);
  }

  /**
   * The same, as the database has it now.
   *
   * @param since when the request came to wait, on the clock of `performance.now()`
   * @returns the subject itself, where it is nobody
   * @throws UnauthorizedError for the id of a user who signs in by another subject
   */
  async find({ userId: subject, email }: Principal, requestId: string, since: number): Promise<Principal> {
    const found = await this.signIns.find(subject, since);
    switch (found.status) {
      case 'linked':
      case 'known':
        return this.remember(subject, found.userId);
      case 'signs-in-by-another':
        throw UnauthorizedError.invalidToken('the token is not valid');
      case 'not-validated':
        await this.once(subject, since, () => this.signIns.validate(subject, requestId, since));
        break;
      case 'nobody': {
        if (email === undefined) break;
        const linked = await this.once(`${subject}\0${email}`, since, () =>
          this.signIns.link(subject, email, requestId, since),
        );
        if (linked !== null) return this.remember(subject, linked);
        break;
      }
      case 'deleted':
    }
    return { userId: subject };
  }

  private remember(subject: string, userId: string): Principal {
    const principal = { userId };
    this.remembered.set(subject, principal);
    return principal;
  }

  private async once<Result>(key: string, since: number, change: () => Promise<Result>): Promise<Result> {
    const running = this.running.get(key) as Promise<Result> | undefined;
    if (running === undefined) {
      const result = change().finally(() => this.running.delete(key));
      this.running.set(key, result);
      return result;
    }
    try {
      return await running;
    } catch (error) {
      // The time of whoever began it was over, which is no reason to refuse who came later.
      if (!(error instanceof UnavailableError) || performance.now() >= since + MAX_WAIT_MS) throw error;
      return this.once(key, since, change);
    }
  }
}
