import { describe, expect, it } from 'vitest';
import { merge } from './merge.js';

describe('two changes of the same document', () => {
  const base = { a: 1, b: { c: 1, d: [1] }, gone: true };

  it.each([
    ['different keys', { ...base, a: 2 }, { ...base, b: { c: 2, d: [1] } }, { a: 2, b: { c: 2, d: [1] }, gone: true }],
    ['an addition of each', { ...base, x: 1 }, { ...base, y: 2 }, { ...base, x: 1, y: 2 }],
    ['the same change', { ...base, a: 2 }, { ...base, a: 2 }, { ...base, a: 2 }],
    ['a deletion and another change', { a: 1, b: base.b }, { ...base, a: 2 }, { a: 2, b: base.b }],
    ['a change of nobody', base, base, base],
  ])('are both kept: %s', (_, mine, theirs, value) => {
    expect(merge(base, mine, theirs)).toStrictEqual({ value, conflicts: [] });
    expect(merge(base, theirs, mine)).toEqual({ value, conflicts: [] });
  });

  it.each([
    ['two values', { ...base, a: 2 }, { ...base, a: 3 }, [{ path: ['a'], base: 1, mine: 2, theirs: 3 }]],
    [
      'two arrays',
      { ...base, b: { c: 1, d: [1, 2] } },
      { ...base, b: { c: 1, d: [] } },
      [{ path: ['b', 'd'], base: [1], mine: [1, 2], theirs: [] }],
    ],
    [
      'a deletion and a change below',
      { a: 1, gone: true },
      { ...base, b: { c: 2, d: [1] } },
      [{ path: ['b'], base: base.b, mine: undefined, theirs: { c: 2, d: [1] } }],
    ],
    [
      'an object and a scalar',
      { ...base, x: { y: 1 } },
      { ...base, x: 1 },
      [{ path: ['x'], base: undefined, mine: { y: 1 }, theirs: 1 }],
    ],
  ])('collide, and mine is taken for now: %s', (_, mine, theirs, conflicts) => {
    const merged = merge(base, mine, theirs);
    expect(merged.conflicts).toStrictEqual(conflicts);
    expect(merged.value).toEqual(mine);
  });

  it('are both kept, whatever a key means to JavaScript', () => {
    const read = JSON.parse('{"__proto__": 1}') as object;
    expect(JSON.stringify(merge({}, { ...read }, { a: 1 }).value)).toBe('{"a":1,"__proto__":1}');
  });

  it('are merged below an object that both added', () => {
    expect(merge({}, { x: { a: 1, c: 1 } }, { x: { b: 2, c: 2 } })).toStrictEqual({
      value: { x: { a: 1, b: 2, c: 1 } },
      conflicts: [{ path: ['x', 'c'], base: undefined, mine: 1, theirs: 2 }],
    });
  });
});
