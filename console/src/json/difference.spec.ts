import { JsonNumber } from '@flashback/client/lossless';
import { describe, expect, it } from 'vitest';
import { patchOf } from './difference.js';
import { readObject, textOf } from './text.js';
import type { JsonObject } from './value.js';

describe('what makes one document of another', () => {
  it.each([
    ['nothing', { a: { b: [1] } }, { a: { b: [1] } }, {}],
    ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, { b: 3 }],
    ['a value below', { a: { b: 1, c: 1 } }, { a: { b: 2, c: 1 } }, { a: { b: 2 } }],
    ['an array, which is whole', { a: [1, null] }, { a: [null] }, { a: [null] }],
    ['a deletion', { a: { b: 1, c: 1 } }, { a: { c: 1 } }, { a: { b: null } }],
    ['an object in place of a scalar', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['digits', { a: 1 }, { a: new JsonNumber('12345678901234567890') }, { a: new JsonNumber('12345678901234567890') }],
  ])('is a merge patch of %s', (_, from, to, patch) => {
    expect(patchOf(from, to)).toStrictEqual(patch);
  });

  it('is a JSON Patch where a member becomes null, which a merge patch would delete', () => {
    const patch = patchOf({ 'a/b': 1, c: 1, gone: 1 }, { 'a/b': null, c: 2, d: { e: null } });
    expect(patch).toStrictEqual([
      { op: 'replace', path: '/a~1b', value: null },
      { op: 'replace', path: '/c', value: 2 },
      { op: 'add', path: '/d', value: { e: null } },
      { op: 'remove', path: '/gone' },
    ]);
  });

  it('is the whole document where a JSON Patch would have more operations than the service takes', () => {
    const of = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, null]));
    expect(patchOf({}, of(256))).toHaveLength(256);
    expect(patchOf({ gone: 1 }, of(256))).toStrictEqual([{ op: 'replace', path: '', value: of(256) }]);
  });

  it('is the whole document where many operations on a large one would have the service copy too much', () => {
    const of = (value: unknown) => ({
      large: 'x'.repeat(100_000),
      ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key${n}`, value])),
    });
    const to = of(null) as JsonObject;
    expect(patchOf(of(1) as JsonObject, to)).toStrictEqual([{ op: 'replace', path: '', value: to }]);
  });
});

describe('the text of a document', () => {
  it('has every digit, and keys by name', () => {
    const text = '{\n  "a": {\n    "x": []\n  },\n  "b": [\n    0.10000000000000000001,\n    null\n  ]\n}';
    expect(textOf(readObject('{"b":[0.10000000000000000001,null],"a":{"x":[]}}'))).toBe(text);
    expect(textOf(readObject(text))).toBe(text);
  });

  it.each(['[]', 'null', '"x"', '{', ''])('%s is no document', (text) => {
    expect(() => readObject(text)).toThrow(SyntaxError);
  });
});
