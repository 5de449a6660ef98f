import { describe, expect, it } from 'vitest';
import { nameOf } from '../json/path.js';
import type { JsonObject } from '../json/value.js';
import { countRows, firstRows, rowsOf, type TreeRow } from './tree-rows.js';

const DOCUMENT: JsonObject = { b: { d: [{ e: 'x' }], c: 'Hello' }, a: 1, empty: {} };

const namesOf = (rows: readonly TreeRow[]): string[] =>
  rows.flatMap(({ path, children = [] }) => [nameOf(path), ...namesOf(children)]);

const everything = () => true;

describe('the lines of a tree', () => {
  it('are those of what is open', () => {
    expect(namesOf(rowsOf(DOCUMENT, '', () => false))).toStrictEqual(['a', 'b', 'empty']);
    expect(namesOf(rowsOf(DOCUMENT, '', ({ length }) => length === 1))).toStrictEqual([
      'a',
      'b',
      'b.c',
      'b.d',
      'empty',
    ]);
  });

  it.each([
    ['hello', ['b', 'b.c']],
    ['D', ['b', 'b.d', 'b.d.0', 'b.d.0.e']],
    ['b.d.0', ['b', 'b.d', 'b.d.0', 'b.d.0.e']],
    ['empty', ['empty']],
    ['nowhere', []],
  ])(
    'are, while somebody searches for %s, what has it and what leads there, also where it is closed',
    (search, names) => {
      expect(namesOf(rowsOf(DOCUMENT, search, () => false))).toStrictEqual(names);
    },
  );

  it('are no more than are wanted, however they are nested', () => {
    const group = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key${n}`, n]));
    const large = Object.fromEntries(Array.from({ length: 280 }, (_, n) => [`group${n}`, group]));
    const rows = rowsOf(large, '', everything);
    expect(countRows(rows)).toBe(280 * 101);
    for (const limit of [0, 1, 2, 101, 102, 250]) expect(countRows(firstRows(rows, limit))).toBe(limit);
    expect(namesOf(firstRows(rows, 250))).toStrictEqual(namesOf(rows).slice(0, 250));
  });
});
