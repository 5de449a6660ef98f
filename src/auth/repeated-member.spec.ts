import { expect, it } from 'vitest';
import { hasRepeatedMember } from './repeated-member.js';

it.each([
  ['{}', false],
  ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', false],
  ['{"a":"\\"a\\":","b":"x\\\\" , "c" : ":"}', false],
  ['{"__proto__":1,"constructor":2}', false],
  ['{"a":1,"a":1}', true],
  ['{"a":1,"\\u0061":1}', true],
  ['{"__proto__":1,"__proto__":2}', true],
  ['{"a":[{"b":null,"b" \n: null}]}', true],
])('%s: %s', (text, expected) => {
  expect(hasRepeatedMember(Buffer.from(text).toString('base64url'))).toBe(expected);
});
