import { AppError } from '../common/errors/app-error.js';
import { UnavailableError } from '../common/errors/common.errors.js';

/** After how many seconds to try again: by then another watcher may have left. */
const RETRY_AFTER_SECONDS = 5;

/** The caller, or all who watch their organization, have as many streams and waiting reads as they may. */
export class TooManyWatchersError extends AppError {
  readonly code = 'TOO_MANY_WATCHERS';
  readonly kind = 'too-many-requests';
  override readonly headers = { 'Retry-After': String(RETRY_AFTER_SECONDS) };

  constructor(limit: number, whose: 'caller' | 'organization') {
    super('Too many requests', `at most ${limit} streams and waiting reads are allowed for each ${whose}`);
  }
}

/** This instance has as many streams and waiting reads as it takes. */
export class WatchUnavailableError extends UnavailableError {
  constructor() {
    super('too many streams and waiting reads are open', RETRY_AFTER_SECONDS);
  }
}
