import { AppError } from '../common/errors/app-error.js';

/** A DELETE that names no keys at all. */
export class KeysRequiredError extends AppError {
  readonly code = 'KEYS_REQUIRED';
  readonly kind = 'invalid';

  constructor(detail: string) {
    super('Keys array is required and must not be empty', detail);
  }
}
