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

it('leads no further than a document can nest', () => {
  const { key, path } = parseKeyPath('.'.repeat(1_000_000));
  expect(key).toHaveLength(1_000_000);
  expect(path).toHaveLength(1001);
});
