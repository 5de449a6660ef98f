import { AppError } from '../common/errors/app-error.js';

/** No such user, or a soft-deleted one. */
export class UserNotFoundError extends AppError {
  readonly code = 'USER_NOT_FOUND';
  readonly kind = 'not-found';

  constructor() {
    super('User not found');
  }
}
