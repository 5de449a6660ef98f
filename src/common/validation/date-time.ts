const DATE = String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)`;
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d)(?<seconds>:(?<second>\d\d)(?:\.(?<fraction>\d+))?)?`;

/** Also matches text that is nearly a date-time, so that an error can say what is wrong. */
const DATE_TIME = new RegExp(`^(?<date>${DATE})(?:(?<separator>.)${TIME}(?<offset>.*))?$`, 'su');

const OFFSET = /^(?:[Zz]|(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d))$/;

/** The start of the epoch, before any change that could be asked for. */
const FIRST_MS = 0;

/** After it the year no longer has four digits. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads a date-time (RFC 3339 §5.6), truncated to milliseconds. A leap second is the start of the next minute. A time
 * before 1970 becomes the start of 1970 and one after 9999 in UTC the end of 9999, so that both limits of a range can
 * be open.
 *
 * @returns the time, or what is wrong: the empty string for text that does not look like a date-time at all. Only
 *   digits and the offset are quoted from the text.
 */
export function readDateTime(text: string): Date | string {
  const parts = DATE_TIME.exec(text)?.groups;
  if (parts === undefined) return '';
  const { separator, seconds, offset = '', fraction = '' } = parts;
  if (separator === undefined) return 'it has no time of day';
  if (separator !== 'T' && separator !== 't') return 'it has no T between date and time';
  if (seconds === undefined) return 'it has no seconds';
  if (offset === '') return 'it has no offset';
  if (/^ \d\d:\d\d$/.test(offset)) return 'its offset has a space for a sign (write + as %2B in a URL)';
  const zone = OFFSET.exec(offset)?.groups;
  if (zone === undefined) return 'its offset is neither Z nor like +01:00';

  const [year, month, day, hour, minute, second] = [
    Number(parts['year']),
    Number(parts['month']),
    Number(parts['day']),
    Number(parts['hour']),
    Number(parts['minute']),
    Number(parts['second']),
  ];
  const [offsetHours, offsetMinutes] = [Number(zone['hours'] ?? 0), Number(zone['minutes'] ?? 0)];
  if (month < 1 || month > 12) return `there is no month ${parts['month']}`;
  if (day < 1 || day > daysOf(year, month)) return `${parts['date']} does not exist`;
  if (hour > 23) return `there is no hour ${parts['hour']}`;
  if (minute > 59) return `there is no minute ${parts['minute']}`;
  if (second > 60) return `there is no second ${parts['second']}`;
  if (offsetHours > 23 || offsetMinutes > 59) return `there is no offset ${offset}`;

  const minutesAhead = (offsetHours * 60 + offsetMinutes) * (zone['sign'] === '-' ? -1 : 1);
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  // Date.UTC takes the years 0 to 99 for those of the twentieth century.
  const ms = Date.UTC(Math.max(year, 100), month - 1, day, hour, minute - minutesAhead, second, milliseconds);
  const isLastMinute = (hour * 60 + minute - minutesAhead + 2 * MINUTES_OF_DAY) % MINUTES_OF_DAY === MINUTES_OF_DAY - 1;
  if (second === 60 && !isLastMinute) return 'second 60 exists only at 23:59 UTC';
  return new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS));
}

const MINUTES_OF_DAY = 24 * 60;

function daysOf(year: number, month: number): number {
  // The calendar repeats itself every 400 years.
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
