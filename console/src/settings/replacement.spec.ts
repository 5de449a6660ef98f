import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replacementOf } from './replacement.js';

function replaced(text: string, replacements: ReturnType<typeof replacementOf>): string {
  return replacements.reduceRight((left, { from, to, insert }) => left.slice(0, from) + insert + left.slice(to), text);
}

it('makes one text of another', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '{') });
  fc.assert(fc.property(text, text, (one, other) => replaced(one, replacementOf(one, other)) === other));
});

it('leaves the lines alone that stay what they are', () => {
  expect(
    replacementOf('{\n  "a": 1,\n  "mine": "x",\n  "z": 1\n}', '{\n  "a": 2,\n  "mine": "x",\n  "z": 2\n}'),
  ).toStrictEqual([
    { from: 9, to: 10, insert: '2' },
    { from: 34, to: 35, insert: '2' },
  ]);
  expect(replacementOf('{\n  "mine": "x"\n}', '{\n  "mine": "x",\n  "z": 1\n}')).toStrictEqual([
    { from: 15, to: 15, insert: ',\n  "z": 1' },
  ]);
  expect(replacementOf('same', 'same')).toStrictEqual([]);
});
