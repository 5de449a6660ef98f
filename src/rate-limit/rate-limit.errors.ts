import { AppError } from '../common/errors/app-error.js';
import type { Quota } from './rate-limit.service.js';

/** The caller, or everybody in their organization together, sent more than a window allows. */
export class TooManyRequestsError extends AppError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly kind = 'too-many-requests';
  override readonly headers: Record<string, string>;

  constructor({ policy, limit, resetSeconds }: Quota) {
    const whose = policy === 'impact' ? 'with impact for each organization' : `for each ${policy}`;
    super('Too many requests', `at most ${limit} requests a minute are allowed ${whose}`);
    this.headers = { 'Retry-After': String(resetSeconds) };
  }
}
