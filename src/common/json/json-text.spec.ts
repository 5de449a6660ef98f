import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError, MalformedJsonError } from '../errors/common.errors.js';
import {
  elementTexts,
  inspectJson,
  leafPointers,
  maskMembers,
  memberText,
  readJsonMembers,
  readJsonText,
  readJsonValue,
} from './json-text.js';

describe('a body', () => {
  it('that is not there is no value', () => {
    for (const body of [undefined, null, Buffer.alloc(0)]) {
      expect(readJsonText(body)).toBe('');
      expect(readJsonValue(body)).toBeUndefined();
    }
  });

  it('keeps its text', () => {
    const text = ' {"n": 12345678901234567890} ';
    expect(readJsonText(Buffer.from(text))).toBe(text);
    expect(readJsonValue(Buffer.from(text))).toStrictEqual(JSON.parse(text));
  });

  it('nests 50,000 levels at most', () => {
    const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
    expect(readJsonText(nested(50_000))).toHaveLength(100_000);
    expect(() => readJsonText(nested(50_001))).toThrow(InvalidInputError);
    expect(() => readJsonText(Buffer.from('['.repeat(1_000_000)))).toThrow(InvalidInputError);
    expect(() => readJsonText(Buffer.from('['.repeat(40_000)))).toThrow(MalformedJsonError);
    const text = `["${'['.repeat(60_000)}\\"${'['.repeat(60_000)}"]`;
    expect(readJsonText(Buffer.from(text))).toBe(text);
  });

  it('becomes objects only with few values', () => {
    const body = (values: number) => Buffer.from(`[${'[],'.repeat(values - 2)}[]]`);
    expect(readJsonValue(body(50_000))).toHaveLength(49_999);
    expect(() => readJsonValue(body(50_001))).toThrow(InvalidInputError);
  });

  it('becomes objects only where its members are wanted', () => {
    const many = '[],'.repeat(50_000);
    const text = `{"a":1,"unknown":[${many}[]],"b":[{"unknown":2}],"a":"\\u0041","__proto__":3}`;
    expect(readJsonMembers(Buffer.from(text), ['a', 'b', 'c'])).toStrictEqual({ a: 'A', b: [{ unknown: 2 }] });
    expect(() => readJsonMembers(Buffer.from(text), ['unknown'])).toThrow(InvalidInputError);
    const half = `[${'[],'.repeat(30_000)}[]]`;
    expect(readJsonMembers(Buffer.from(`{"a":${half},"x":${half}}`), ['a', 'b'])).toHaveProperty('a');
    expect(() => readJsonMembers(Buffer.from(`{"a":${half},"b":${half}}`), ['a', 'b'])).toThrow(
      expect.objectContaining({ detail: 'with b there are more than 50000 values' }),
    );
    expect(readJsonMembers(Buffer.from(' [1]'), ['a'])).toStrictEqual([1]);
    expect(readJsonMembers(undefined, ['a'])).toBeUndefined();
    expect(() => readJsonMembers(Buffer.from('{"unknown":[}'), ['a'])).toThrow(MalformedJsonError);
  });

  it.each(['{', '{}{}', '{}x', "{'a':1}", '{"a":01}', '{"a":1,}', 'NaN', '\u0000', '\ufeff{}', '[1e]', '"\n"'])(
    '%j is malformed',
    (text) => {
      expect(() => readJsonText(Buffer.from(text))).toThrow(MalformedJsonError);
    },
  );

  it('is malformed where its bytes are no UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(() => readJsonText(Buffer.from(bytes))).toThrow(MalformedJsonError);
    }
  });
});

describe('memberText', () => {
  it.each<[string, string | undefined]>([
    ['{"settings":{"a":1}}', '{"a":1}'],
    ['{ "settings" :\n[ 1 , 2 ]\t, "x":1}', '[ 1 , 2 ]'],
    ['{"x":{"settings":1}}', undefined],
    ['{"x":["settings",{"settings":1}]}', undefined],
    ['{"x":"settings","y":1}', undefined],
    ['{"settings":1,"settings":2}', '2'],
    ['{"s\\u0065ttings":3}', '3'],
    ['{"x":"\\"settings\\":4","settings":5}', '5'],
    ['{"settings":"a\\\\"}', '"a\\\\"'],
    ['{}', undefined],
    ['{"settings":12345678901234567890.10}', '12345678901234567890.10'],
  ])('of %s is %s', (text, expected) => {
    expect(memberText(text, 'settings')).toBe(expected);
  });

  it('finds in any object what JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.jsonValue(), (object, settings) => {
        const text = JSON.stringify({ ...object, settings });
        expect(JSON.parse(memberText(text, 'settings')!)).toEqual(JSON.parse(JSON.stringify(settings)));
      }),
    );
  });
});

describe('inspectJson', () => {
  it('lets pass whatever JavaScript can store', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        const isWellFormed = !/\\ud[89a-f]/i.test(text) && !text.includes('\\u0000') && !text.includes('"__proto__":');
        if (isWellFormed) expect(inspectJson(text, 32).problem).toBeUndefined();
      }),
    );
  });

  it.each([
    ['"\\ud83d\\ude42"', undefined],
    ['"\\\\u0000"', undefined],
    ['"\\u0000"', 'U+0000'],
    ['"\\ud83d"', 'surrogate'],
    ['{"__proto__":1}', '__proto__'],
    ['{"\\u005F_proto__" \n:1}', '__proto__'],
    ['["__proto__"]', undefined],
    ['{"x__proto__":1}', undefined],
    ['[[[]]]', undefined],
    ['[[[[]]]]', 'deeper than 3'],
    ['[{"a":{"b":{}}}]', 'deeper than 3'],
    ['["[[[[[[{{{{"]', undefined],
    ['[1e999]', undefined],
    ['[1E+1000]', '1E+1000'],
    ['[-1.5e-1000]', '-1.5e-1000'],
    ['["1e1000"]', undefined],
    [`[${'9'.repeat(1000)}]`, undefined],
    [`[${'9'.repeat(1001)}]`, 'digits'],
    [`[-0.${'9'.repeat(1000)}]`, 'digits'],
    ['[0e5000, 0.0e1]', undefined],
    ['[1e99999999999999999999]', 'digits'],
    ['[0e1073741824]', 'digits'],
  ])('of %s says %s', (text, expected) => {
    const { problem } = inspectJson(text, 3);
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(expected);
  });

  it.each([
    ['{"a":{"b~/c":[1,{"d":"\\u0000"}]}}', '(at /a/b~0~1c/1/d)'],
    ['{"a":{"\\u0000":1}}', '(at /a)'],
    ['{"a":1,"b":[[0],[1,1e1000]]}', '(at /b/1/1)'],
    ['{"x":{"y":1},"__proto__":1}', 'as a key'],
    ['"\\u0000"', 'stored'],
    [`{"${'k'.repeat(500)}":1e1000}`, '...)'],
  ])('says where it is in %s', (text, place) => {
    expect(inspectJson(text, 32).problem?.endsWith(place)).toBe(true);
  });

  it('counts the digits of all numbers, written out', () => {
    expect(inspectJson('{"a":[1e3,12.5],"1":"1e9","b":1e-3}', 32).digits).toBe(4 + 4 + 4);
  });

  it('takes time in proportion to the length', () => {
    const hostile = [
      `["${'\\"'.repeat(500_000)}"]`,
      `[${'"",'.repeat(300_000)}""]`,
      `[${'1e1,'.repeat(250_000)}1]`,
      `["${'\\\\'.repeat(500_000)}"]`,
      `{"a":${' '.repeat(1_000_000)}1}`,
    ];
    for (const text of hostile) {
      const start = performance.now();
      inspectJson(text, 32);
      memberText(`{"settings":${text}}`, 'settings');
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});

describe('leafPointers', () => {
  it.each([
    ['{}', []],
    ['{"a":1}', ['/a']],
    [' { "a" : { "b" : [ { "c" : 1 } , 2 ] , "d" : { } } , "e" : null } ', ['/a/b', '/a/d', '/e']],
    ['{"a/b":{"c~d":"x{\\"}"}}', ['/a~1b/c~0d']],
    ['{"":{"":1},"\\u0061":true}', ['//', '/a']],
    // Which of them counts, the database knows.
    ['{"a":1,"a":{"b":2}}', null],
    ['{"a":{"b":1,"\\u0062":2}}', null],
    ['{"a":{"b":"}"},"c":-1.5e3}', ['/a/b', '/c']],
  ])('of %s are %j', (text, expected) => {
    expect(leafPointers(text, 10, 100)).toStrictEqual(expected);
  });

  it('are none when there are too many', () => {
    const object = '{"a":1,"b":{"c":2,"d":3}}';
    expect(leafPointers(object, 3, 100)).toHaveLength(3);
    expect(leafPointers(object, 2, 100)).toBeNull();
  });

  it('are none when they are too long together, because each repeats the names around its leaf', () => {
    const deep = `{"${'~'.repeat(40)}":{"a":1,"b":2}}`;
    expect(leafPointers(deep, 10, 2 * (1 + 80 + 2))).toHaveLength(2);
    expect(leafPointers(deep, 10, 2 * (1 + 80 + 2) - 1)).toBeNull();
  });
});

describe('elementTexts', () => {
  it.each([
    ['[]', []],
    [' [ 1 , "a,]" ,[2,[3]], {"b":[4]} ] ', ['1', '"a,]"', '[2,[3]]', '{"b":[4]}']],
    ['[[],{},"",null,5]', ['[]', '{}', '""', 'null']],
  ])('of %s are %j, of four at most', (text, expected) => {
    expect(elementTexts(text, 4)).toStrictEqual(expected);
  });
});

describe('maskMembers', () => {
  it.each([
    ['{"a":1}', '{"a":1}'],
    ['{"secret":1,"b":2}', '{"secret":"***","b":2}'],
    ['{"a":[{"secret": {"b": [1, "}"]} }]}', '{"a":[{"secret": "***" }]}'],
    ['{"\\u0073ecret":"x"}', '{"\\u0073ecret":"***"}'],
    ['["secret",{"b":"secret"}]', '["secret",{"b":"secret"}]'],
    ['"secret"', '"secret"'],
    ['12345678901234567890', '12345678901234567890'],
  ])('makes of %s: %s', (text, expected) => {
    expect(maskMembers(text, (key) => key === 'secret')).toBe(expected);
  });
});
