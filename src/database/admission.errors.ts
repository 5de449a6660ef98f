import { AppError } from '../common/errors/app-error.js';

/** The caller, or all who work on the same owner's rows, used more time than a minute allows. */
export class TimeExceededError extends AppError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly kind = 'too-many-requests';
  override readonly headers: Record<string, string>;

  constructor(whose: 'caller' | 'owner', seconds: number, retryAfterSeconds: number, resource: string) {
    super('Too many requests', `at most ${seconds} s of ${resource} a minute are allowed for each ${whose}`);
    this.headers = { 'Retry-After': String(retryAfterSeconds) };
  }
}
