import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameValue, lookUp, readTree, writeTree } from './json-tree.js';

describe('readTree', () => {
  it('reads what writeTree writes, and leaves arrays as they are', () => {
    expect(writeTree(readTree('{"a":{"b":[1, {"c":"}"}],"d\\"":"x"},"e":{}}'))).toBe(
      '{"a": {"b": [1, {"c":"}"}], "d\\"": "x"}, "e": {}}',
    );
  });

  it('reads any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
        expect(JSON.parse(writeTree(readTree(JSON.stringify(value, null, indent))))).toStrictEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });
});

describe('isSameValue', () => {
  it.each([
    ['1', '1.0', true],
    ['10', '1e1', true],
    ['0.10', '1E-1', true],
    ['-0', '0', true],
    ['0e5', '0.00', true],
    ['12345678901234567890', '12345678901234567891', false],
    ['1', '-1', false],
    ['1', '10', false],
    ['0.1', '0.01', false],
    ['"a"', '"\\u0061"', true],
    ['"1"', '1', false],
    ['null', 'false', false],
    ['[1, {"a": 2}]', '[1.0,{"a":2e0}]', true],
    ['[1, 2]', '[2, 1]', false],
    ['[]', '{}', false],
    ['{"a": 1, "b": {}}', '{"b": {}, "a": 1}', true],
    ['{"a": 1}', '{"a": 1, "b": 1}', false],
    ['{"a": 1}', '{"b": 1}', false],
  ])('of %s and %s is %s', (one, other, isSame) => {
    expect(isSameValue(readTree(one), readTree(other))).toBe(isSame);
    expect(isSameValue(readTree(other), readTree(one))).toBe(isSame);
  });
});

it('lookUp finds a value, or what stands in its way', () => {
  const tree = readTree('{"a": {"b": 1}}');
  expect(lookUp(tree, ['a', 'b'])).toStrictEqual({ value: '1', depth: 2 });
  expect(lookUp(tree, ['a', 'b', 'c'])).toStrictEqual({ value: '1', depth: 2 });
  expect(lookUp(tree, ['a', 'c'])).toBeUndefined();
});
