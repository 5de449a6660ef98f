import { expect, it } from 'vitest';
import { waitPreferenceOf } from './wait-preference.js';

it.each([
  ['wait=25', 25],
  ['Wait = "25"', 25],
  ['respond-async, wait=10', 10],
  ['wait=10, wait=20', 10],
  ['return=minimal; foo=bar, wait=3', 3],
  ['wait=3600', 60],
  ['wait=0', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['wait="5', undefined],
  ['await=5', undefined],
  ['wait', undefined],
  ['', undefined],
  [undefined, undefined],
])('Prefer: %s is %s', (prefer, seconds) => {
  expect(waitPreferenceOf(prefer)).toBe(seconds);
});
