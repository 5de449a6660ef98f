import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { arrayLiteral } from './statement.js';

it('writes elements of any characters as an array', () => {
  expect(arrayLiteral(['a"b', 'c\\d', '{,}'])).toBe('{"a\\"b","c\\\\d","{,}"}');
});

it('is ended where it shares its execution and meets a lock', () => {
  const modules = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.repository.ts'),
  );
  const shared = modules.flatMap((file) => [
    ...readFileSync(`src/${file}`, 'utf8').matchAll(/= lockingStatement\(.*?batchedText: `(.*?)`/gs),
  ]);
  expect(shared.length).toBeGreaterThan(1);
  for (const [, text] of shared)
    expect(text).toMatch(/where \(select set_config\('lock_timeout', \$\d+::text, true\)\)/);
});
