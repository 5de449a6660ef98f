import { isISO8601, ValidateBy } from 'class-validator';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** The years that both PostgreSQL and ISO 8601 write with four digits, from the epoch on. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** A date-time with its offset from UTC (RFC 3339 §5.6), from 1970 on. */
export function IsDateTime() {
  return ValidateBy({
    name: 'isDateTime',
    validator: {
      validate: isDateTime,
      defaultMessage: (problem) =>
        `${problem?.property} must be a date-time with an offset, such as 2026-11-21T12:00:00Z`,
    },
  });
}

function isDateTime(value: unknown): boolean {
  if (typeof value !== 'string' || !DATE_TIME.test(value) || !isISO8601(value, { strict: true })) return false;
  const ms = Date.parse(value);
  return ms >= 0 && ms <= LAST_MS;
}
