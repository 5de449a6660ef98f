import { expect, it } from 'vitest';
import { arrayLiteral } from './statement.js';

it('writes elements of any characters as an array', () => {
  expect(arrayLiteral(['a"b', 'c\\d', '{,}'])).toBe('{"a\\"b","c\\\\d","{,}"}');
});
