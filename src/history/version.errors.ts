import { AppError } from '../common/errors/app-error.js';

/** A version that never was, was before the history began, or was deleted because of its age. */
export class VersionNotFoundError extends AppError {
  readonly code = 'VERSION_NOT_FOUND';
  readonly kind = 'not-found';

  constructor() {
    super('Version not found');
  }
}
