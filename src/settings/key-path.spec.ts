import { expect, it } from 'vitest';
import { parseKeyPath } from './key-path.js';

it.each([
  ['a', ['a']],
  ['a.b', ['a', 'b']],
  ['a\\.b', ['a.b']],
  ['a\\\\.b', ['a\\', 'b']],
  ['a\\\\\\.b', ['a\\.b']],
  ['a\\b', ['a\\b']],
  ['a\\', ['a\\']],
  ['.', ['', '']],
  ['.a', ['', 'a']],
  ['a.', ['a', '']],
  ['a..b', ['a', '', 'b']],
  ['0.1', ['0', '1']],
  ['🙂.é', ['🙂', 'é']],
])('%s leads to %j', (key, path) => {
  expect(parseKeyPath(key)).toStrictEqual({ key, path });
});
