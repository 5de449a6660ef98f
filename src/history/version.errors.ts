import { AppError } from '../common/errors/app-error.js';

/**
 * A version that never was, was before the history began, or was deleted because of its age; or one whose content was
 * thinned, which the detail says.
 */
export class VersionNotFoundError extends AppError {
  readonly code = 'VERSION_NOT_FOUND';
  readonly kind = 'not-found';

  /** @param status why it is not found */
  constructor(status: VersionMissing['status'] = 'no-such-version') {
    super('Version not found', status === 'thinned' ? 'its content was thinned' : undefined);
  }
}

/** Why a version cannot be shown: it is not kept, or only who made it, when and why. */
export interface VersionMissing {
  readonly status: 'no-such-version' | 'thinned';
}
