import { AppError } from '../common/errors/app-error.js';

/** An event that does not exist, or that the caller may not see. */
export class EventNotFoundError extends AppError {
  readonly code = 'EVENT_NOT_FOUND';
  readonly kind = 'not-found';

  constructor(id: number) {
    super('Event not found', `there is no event ${id}`);
  }
}
