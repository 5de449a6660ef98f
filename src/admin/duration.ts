import { InvalidInputError } from '../common/errors/common.errors.js';

const SECONDS_OF = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Ten years: a token that lives longer is a mistake. */
const MAX_SECONDS = 3650 * SECONDS_OF.d;

/**
 * Reads a duration such as `90s`, `15m`, `1h` or `30d`.
 *
 * @returns seconds
 * @throws InvalidInputError
 */
export function parseDuration(duration: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(duration) ?? [];
  const seconds = Number(amount) * SECONDS_OF[unit as keyof typeof SECONDS_OF];
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
    throw new InvalidInputError('expires-in must be a duration such as 90s, 15m, 1h or 30d, of at most ten years');
  }
  return seconds;
}
