import { editsBetween } from '../common/validation/unknown-name.js';

/** How many variables are warned about. */
const MAX_WARNINGS = 10;

/** A name that is shorter needs to be closer: `PGPORT` is not meant to be `PORT`. */
const SHORT = 6;

/**
 * Warnings about variables that nobody reads, and whose names look like one that is read and is not set: `DATABASE_UR`.
 *
 * @param given the names of all variables that are set
 * @param known those that are read
 */
export function warningsOfSimilarNames(given: readonly string[], known: readonly string[]): string[] {
  const absent = known.filter((name) => !given.includes(name));
  const warnings = given
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = absent.find((candidate) => isSimilar(name, candidate));
      return meant === undefined ? [] : [`${name} is not read: did you mean ${meant}?`];
    });
  const more = warnings.length - MAX_WARNINGS;
  return more > 0 ? [...warnings.slice(0, MAX_WARNINGS), `${more} more are not read, either`] : warnings;
}

function isSimilar(name: string, known: string): boolean {
  const limit = known.length < SHORT ? 1 : 2;
  if (Math.abs(name.length - known.length) > limit) return false;
  return editsBetween(name.toUpperCase(), known) <= limit;
}
