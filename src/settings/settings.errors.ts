import { AppError } from '../common/errors/app-error.js';

/** A DELETE that names no keys at all. */
export class KeysRequiredError extends AppError {
  readonly code = 'KEYS_REQUIRED';
  readonly kind = 'invalid';

  constructor(detail: string) {
    super('Keys array is required and must not be empty', detail);
  }
}

/** A JSON Patch (RFC 6902) that is well-formed and does not fit the document: a test fails, or a target is missing. */
export class PatchConflictError extends AppError {
  readonly code = 'PATCH_CONFLICT';
  readonly kind = 'conflict';

  constructor(detail: string) {
    super('The patch does not apply to the current document', detail);
  }
}
