import { expect, it } from 'vitest';
import { parseDuration } from './duration.js';

it.each([
  ['90s', 90],
  ['15m', 900],
  ['1h', 3600],
  ['30d', 2_592_000],
  ['3650d', 315_360_000],
])('%s is %d seconds', (duration, seconds) => {
  expect(parseDuration(duration)).toBe(seconds);
});

it.each(['', '0s', '1', 'h', '-1h', '1.5h', '1 h', '1w', '3651d', '999999999999d'])('%j is no duration', (duration) => {
  expect(() => parseDuration(duration)).toThrow('expires-in must be a duration');
});
