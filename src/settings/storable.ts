import { InvalidInputError, PayloadTooLargeError } from '../common/errors/common.errors.js';
import { inspectJson } from '../common/json/json-text.js';
import type { SizeLimits } from './content.js';

/**
 * Refuses what may not be stored, before it costs the database any work.
 *
 * @param text well-formed JSON
 * @param around how many outer levels of the text are not part of what is to be stored
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
