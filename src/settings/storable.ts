import { InvalidInputError, PayloadTooLargeError } from '../common/errors/common.errors.js';
import { inspectJson } from '../common/json/json-text.js';
import type { Environment } from '../config/environment.js';

/**
 * Lets pass what may be stored, before the database has any work with it.
 *
 * @param text well-formed JSON
 * @param around how many levels of the text are not of what is to be stored
 * @throws InvalidInputError
 * @throws PayloadTooLargeError when its numbers alone, written out, are longer than a document may be
 */
export function requireStorable(text: string, environment: Environment, around = 0): void {
  const { problem, digits } = inspectJson(text, environment.SETTINGS_MAX_DEPTH, around);
  if (problem !== undefined) throw new InvalidInputError(problem);
  const limit = environment.SETTINGS_MAX_BYTES;
  if (digits > limit) {
    throw new PayloadTooLargeError(`the numbers alone would take ${digits} bytes, more than the ${limit} allowed`);
  }
}
