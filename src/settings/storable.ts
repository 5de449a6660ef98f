import { InvalidInputError, PayloadTooLargeError } from '../common/errors/common.errors.js';
import { inspectJson } from '../common/json/json-text.js';
import type { SizeLimits } from './content.js';

/**
 * Lets pass what may be stored, before the database has any work with it.
 *
 * @param text well-formed JSON
 * @param around how many levels of the text are not of what is to be stored
 * @throws InvalidInputError
 * @throws PayloadTooLargeError when its numbers alone, written out, are longer than a document may be
 */
export function requireStorable(text: string, limits: SizeLimits, around = 0): void {
  const { problem, digits } = inspectJson(text, limits.depth, around);
  if (problem !== undefined) throw new InvalidInputError(problem);
  if (digits > limits.bytes) {
    throw new PayloadTooLargeError(
      `the numbers alone would take ${digits} bytes, more than the ${limits.bytes} allowed`,
    );
  }
}
