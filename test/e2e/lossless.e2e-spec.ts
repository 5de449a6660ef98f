import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

/** What goes in comes out: merging, deleting and the limits, on one user's settings. */

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());
beforeEach(() => store('{}'));

const send = (method: string, body?: unknown) => app.request(method, '/settings/user', { as: organization.user, body });
const store = async (settings: string) => {
  const answer = await send('POST', `{"settings":${settings}}`);
  expect(answer.text).toContain('"success":true');
};
const textOfSettings = async () => (await send('GET')).text.slice('{"success":true,"settings":'.length, -1);
const read = async () => JSON.parse(await textOfSettings()) as Json;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the contract says of a partial update, written down once more in another language. */
function merged(target: JsonObject, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const old = Object.hasOwn(target, key) ? target[key] : undefined;
    result[key] = isObject(value) && isObject(old) ? merged(old, value) : value;
  }
  return result;
}

/**
 * Few keys, so that documents and patches meet; among them those that trip naive code. A quote alone is not among them:
 * once Node 24 has parsed an object with the key `\\`, it takes the key `\"` of a later one for `\\` too. That is this
 * test reading wrong, as any client there would; the service stores and returns the text.
 */
const keys = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', 'a.b', '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('constructor', 'toString', 'hasOwnProperty', '0', '\\', 'é', '🙂', 'a"b', 'a\nb'),
  },
);
const strings = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
const { objects } = fc.letrec<{ objects: JsonObject; values: Json }>((tie) => ({
  values: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<Json>(null, true, false, 0, 1, -1.5, 1e21, 1e-7, '', {}, []),
    strings,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.array(tie('values'), { maxLength: 3 }),
    tie('objects'),
  ),
  objects: fc.dictionary(keys, tie('values'), { maxKeys: 5, noNullPrototype: true }),
}));

describe('every digit of every number', () => {
  it.each([
    '12345678901234567890',
    '-12345678901234567890123456789012345678901234567890',
    '0.1000000000000000055511151231257827',
    '1.10',
    '9007199254740993',
    `${'9'.repeat(1000)}`,
    `-0.${'3'.repeat(999)}`,
  ])('%s comes back as it was sent, by every way in', async (number) => {
    await store(`{"n":${number},"deep":{"list":[${number}]}}`);
    expect(await textOfSettings()).toBe(`{"n": ${number}, "deep": {"list": [${number}]}}`);
    await store('{}');
    await send('PUT', `{"n":${number},"deep":{"list":[${number}]}}`);
    expect(await textOfSettings()).toBe(`{"n": ${number}, "deep": {"list": [${number}]}}`);
    await send('DELETE', { keys: ['n'] });
    expect(await textOfSettings()).toBe(`{"deep": {"list": [${number}]}}`);
  });

  it.each([
    ['1e2', '100'],
    ['1E+2', '100'],
    ['-0', '0'],
    ['1.5e3', '1500'],
    ['1e-3', '0.001'],
    ['1e999', `1${'0'.repeat(999)}`],
    ['0e99999', '0'],
    [`0.${'0'.repeat(900)}1e901`, '1'],
  ])('%s comes back as the equal %s', async (sent, stored) => {
    await store(`{"n":${sent}}`);
    expect(await textOfSettings()).toBe(`{"n": ${stored}}`);
  });
});

describe('every key and every string', () => {
  it('comes back', async () => {
    const document: JsonObject = {
      '': 'empty',
      'a.b': 'dotted',
      constructor: { prototype: { polluted: true } },
      toString: 'text',
      ['k'.repeat(500)]: 'long',
      '\u0001\u001f\u007f"\\/': '\u0001\u001f\u007f"\\/',
      'ключ 鍵 🔑': '\u2028\u2029\ufeff\uffff',
      null: null,
      list: [[], {}, [null, [0]], ''],
    };
    await store(JSON.stringify(document));
    // Not toStrictEqual, which asks an object for its `constructor`.
    expect(await read()).toEqual(document);
  });

  it('may be written with escapes', async () => {
    await send('POST', String.raw`{"s\u0065ttings":{"\u0061":"\ud83d\ude42\u00e9\/"}}`);
    expect(await read()).toStrictEqual({ a: '🙂é/' });
  });

  it('of duplicates keeps the last, as JSON.parse has it', async () => {
    await send('POST', '{"settings":{"a":1},"settings":{"a":2,"a":3},"other":{"settings":{"a":4}}}');
    expect(await read()).toStrictEqual({ a: 3 });
  });
});

describe('partial update', () => {
  it.each([
    ['objects merge at every depth', '{"a":{"b":{"c":1,"d":2}}}', '{"a":{"b":{"c":3}}}', '{"a":{"b":{"c":3,"d":2}}}'],
    ['an array replaces', '{"a":[1,2,{"b":1}]}', '{"a":[{"c":1}]}', '{"a":[{"c":1}]}'],
    ['a scalar replaces', '{"a":1}', '{"a":"x"}', '{"a":"x"}'],
    ['an object replaces a scalar', '{"a":1}', '{"a":{"b":1}}', '{"a":{"b":1}}'],
    ['an object replaces an array', '{"a":[1]}', '{"a":{"0":1}}', '{"a":{"0":1}}'],
    ['an object replaces null', '{"a":null}', '{"a":{"b":{}}}', '{"a":{"b":{}}}'],
    ['a scalar replaces an object', '{"a":{"b":1}}', '{"a":false}', '{"a":false}'],
    ['null is a value', '{"a":{"b":1},"c":1}', '{"a":null}', '{"a":null,"c":1}'],
    ['an empty object erases nothing', '{"a":{"b":1}}', '{"a":{}}', '{"a":{"b":1}}'],
    ['an empty object is a value', '{}', '{"a":{}}', '{"a":{}}'],
    ['an empty array is a value', '{"a":[1]}', '{"a":[]}', '{"a":[]}'],
    ['keys are literal', '{"a":{"b":1}}', '{"a.b":2,"a\\\\.b":3}', '{"a":{"b":1},"a.b":2,"a\\\\.b":3}'],
    ['number keys are no indexes', '{"a":{"0":1}}', '{"a":{"1":2}}', '{"a":{"0":1,"1":2}}'],
  ])('%s', async (_, document, patch, expected) => {
    await store(document);
    expect((await send('PUT', patch)).status).toBe(200);
    expect(await read()).toStrictEqual(JSON.parse(expected));
  });

  it('does to any document what the model does', async () => {
    await fc.assert(
      fc.asyncProperty(objects, objects, objects, async (document, first, second) => {
        await store(JSON.stringify(document));
        await send('PUT', JSON.stringify(first));
        await send('PUT', JSON.stringify(second));
        expect(await read()).toEqual(merged(merged(document, first), second));
      }),
      { numRuns: 150 },
    );
  });

  it('loses nothing that the patch does not name', async () => {
    await fc.assert(
      fc.asyncProperty(objects, objects, async (document, patch) => {
        await store(JSON.stringify({ kept: document, other: patch }));
        await send('PUT', JSON.stringify({ other: patch, fresh: patch }));
        expect(await read()).toEqual({ kept: document, other: patch, fresh: patch });
      }),
      { numRuns: 50 },
    );
  });

  it('takes tens of thousands of small objects in reasonable time', async () => {
    const many = (value: number) => `{${Array.from({ length: 15_000 }, (_, i) => `"k${i}":{"v":${value}}`).join(',')}}`;
    await store(many(1));
    const start = performance.now();
    expect((await send('PUT', many(2))).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(((await read()) as JsonObject)['k14999']).toStrictEqual({ v: 2 });
  });
});

describe('delete keys', () => {
  it.each<[string, string, string[], string]>([
    ['a top-level key', '{"a":1,"b":2}', ['a'], '{"b":2}'],
    ['a path', '{"a":{"b":{"c":1,"d":2}}}', ['a.b.c'], '{"a":{"b":{"d":2}}}'],
    ['a parent left empty', '{"a":{"b":1}}', ['a.b'], '{"a":{}}'],
    ['the exact name rather than the path', '{"a.b":1,"a":{"b":2}}', ['a.b'], '{"a":{"b":2}}'],
    ['the path by escaping nothing else', '{"a":{"b.c":1,"b":{"c":2}}}', ['a.b\\.c'], '{"a":{"b":{"c":2}}}'],
    ['a backslash by doubling it', '{"a":{"\\\\":1}}', ['a.\\\\'], '{"a":{}}'],
    ['a lone backslash as itself', '{"a":{"\\\\b":1}}', ['a.\\b'], '{"a":{}}'],
    ['an empty segment as the empty key', '{"a":{"":1},"":{"b":2}}', ['a.', '.b'], '{"a":{},"":{}}'],
    ['what is missing: nothing', '{"a":{"b":1}}', ['x', 'a.x', 'a.b.c', 'x.y.z'], '{"a":{"b":1}}'],
    ['no element of an array', '{"a":[{"b":1},2]}', ['a.0', 'a.0.b', 'a.-1'], '{"a":[{"b":1},2]}'],
    ['a key that is a number', '{"a":{"0":1}}', ['a.0'], '{"a":{}}'],
    ['a parent and its child', '{"a":{"b":1},"c":1}', ['a', 'a.b'], '{"c":1}'],
    ['a child and its parent', '{"a":{"b":1},"c":1}', ['a.b', 'a'], '{"c":1}'],
    ['by the document as it was', '{"a.b":1,"a":{"b":2}}', ['a.b', 'a.b'], '{"a":{"b":2}}'],
    ['one key twice', '{"a":{"b":1,"c":1}}', ['a.b', 'a.b'], '{"a":{"c":1}}'],
    ['__proto__: nothing', '{"a":1}', ['__proto__', 'constructor', 'a.__proto__'], '{"a":1}'],
  ])('%s', async (_, document, keysToDelete, expected) => {
    await store(document);
    expect((await send('DELETE', { keys: keysToDelete })).status).toBe(200);
    expect(await read()).toStrictEqual(JSON.parse(expected));
  });

  it('undoes what an update added', async () => {
    const escape = (key: string) => key.replaceAll('\\', '\\\\').replaceAll('.', '\\.');
    await fc.assert(
      fc.asyncProperty(
        objects,
        fc.array(keys, { minLength: 1, maxLength: 4 }),
        objects,
        async (document, path, value) => {
          const before = { ...document, root: {} };
          await store(JSON.stringify(before));
          await send(
            'PUT',
            JSON.stringify({ root: { ['fresh']: path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value) } }),
          );
          await send('DELETE', { keys: ['root.fresh'] });
          expect(await read()).toEqual(before);
          await send(
            'PUT',
            JSON.stringify({ root: path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value) }),
          );
          await send('DELETE', { keys: [['root', ...path].map(escape).join('.')] });
          const parents = path.slice(0, -1).reduceRight<Json>((inner, key) => ({ [key]: inner }), {});
          expect(await read()).toEqual({ ...before, root: parents });
        },
      ),
      { numRuns: 80 },
    );
  });

  it('takes paths as long as a body can hold in reasonable time', async () => {
    await store('{"a":{"a":{}}}');
    const start = performance.now();
    expect((await send('DELETE', { keys: ['a.'.repeat(500_000)] })).status).toBe(200);
    expect((await send('DELETE', { keys: Array(256).fill('a.'.repeat(2_000)) })).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await read()).toStrictEqual({ a: { a: {} } });
  });

  it('takes 256 paths of a large document in reasonable time', async () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `k${i}`);
    await store(JSON.stringify({ a: { b: Object.fromEntries(names.map((name) => [name, 'x'.repeat(80)])) } }));
    const start = performance.now();
    expect((await send('DELETE', { keys: names.slice(0, 256).map((name) => `a.b.${name}`) })).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(Object.keys(((await read()) as { a: { b: object } }).a.b)).toHaveLength(4_744);
  });

  it('takes 256 keys', async () => {
    const names = Array.from({ length: 256 }, (_, i) => `k${i}`);
    await store(JSON.stringify({ kept: 1, ...Object.fromEntries(names.map((name) => [name, 1])) }));
    expect((await send('DELETE', { keys: names })).status).toBe(200);
    expect(await read()).toStrictEqual({ kept: 1 });
  });
});

describe('what cannot be stored', () => {
  const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;

  it.each([
    ['U+0000', String.raw`{"a":"x\u0000"}`, 'U+0000 cannot be stored (at /a)'],
    ['U+0000 in a key', String.raw`{"\u0000":1}`, 'U+0000 cannot be stored'],
    ['a lone surrogate', String.raw`{"a":"\ud800"}`, 'a lone surrogate cannot be stored (at /a)'],
    ['a lone low surrogate', String.raw`{"a":["\udc00"]}`, 'a lone surrogate cannot be stored (at /a/0)'],
    ['surrogates in the wrong order', String.raw`{"a":"\ude42\ud83d"}`, 'a lone surrogate cannot be stored (at /a)'],
    ['__proto__', '{"__proto__":{"polluted":true}}', '__proto__ cannot be used as a key'],
    ['an escaped __proto__', String.raw`{"a":{"\u005f_proto__" : 1}}`, '__proto__ cannot be used as a key (at /a)'],
    ['what a duplicate hides', String.raw`{"a":"\u0000","a":1}`, 'U+0000 cannot be stored (at /a)'],
    ['1e1000', '{"a":1e1000}', 'the number 1e1000 needs more than 1000 digits (at /a)'],
    ['1e-1000', '{"a":1e-1000}', 'the number 1e-1000 needs more than 1000 digits (at /a)'],
    ['1e131071', '{"a":[1e131071]}', 'the number 1e131071 needs more than 1000 digits (at /a/0)'],
    ['1e999999999999', '{"a":1e999999999999}', 'the number 1e999999999999 needs more than 1000 digits (at /a)'],
    ['0e-99999', '{"a":0e-99999}', 'the number 0e-99999 needs more than 1000 digits (at /a)'],
    ['0e1073741824', '{"a":0e1073741824}', 'the number 0e1073741824 needs more than 1000 digits (at /a)'],
    [
      '1,001 digits',
      `{"a":${'1'.repeat(1001)}}`,
      `the number ${'1'.repeat(37)}... needs more than 1000 digits (at /a)`,
    ],
    [
      'ten thousand number bombs',
      `{"a":[${Array(10_000).fill('1e131071').join(',')}]}`,
      'the number 1e131071 needs more than 1000 digits (at /a/0)',
    ],
    ['33 levels', nested(33), 'nested deeper than 32 levels'],
    ['20,000 levels', nested(20_000), 'nested deeper than 32 levels'],
    ['20,000 levels of arrays', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'nested deeper than 32 levels'],
  ])('%s is refused in words, and nothing changes', async (_, document, error) => {
    await store('{"kept":true}');
    const put = await send('PUT', document);
    expect(put.status).toBe(400);
    expect(put.body).toStrictEqual({ success: false, message: 'Failed to partially update user settings', error });
    const post = await send('POST', `{"settings":${document}}`);
    expect(post.status).toBe(400);
    expect(post.body).toStrictEqual({
      success: false,
      message: 'Failed to update user settings',
      error,
    });
    expect(await textOfSettings()).toBe('{"kept": true}');
  });

  it('stores 32 levels, and __proto__ as a value', async () => {
    await store(nested(32));
    expect(await read()).toStrictEqual(JSON.parse(nested(32)));
    await store('{"a":"__proto__"}');
    expect((await send('PUT', nested(32))).status).toBe(200);
  });
});

describe('sizes', () => {
  const KIB = 1024;

  it('refuses a request body over 1 MiB', async () => {
    for (const bytes of [1024 * KIB + 1, 20_000 * KIB]) {
      const answer = await send('PUT', `{"a":"${'x'.repeat(bytes - 8)}"}`);
      expect(answer.status).toBe(413);
      expect(answer.body).toMatchObject({ success: false, message: 'Payload too large' });
    }
  });

  it('stores a document of exactly 512 KiB as a GET returns it, and not a byte more', async () => {
    const document = (bytes: number) => `{"a":"${'é'.repeat(10)}${'x'.repeat(bytes - 9 - 20)}"}`;
    await store(document(512 * KIB));
    expect(Buffer.byteLength(await textOfSettings())).toBe(512 * KIB);
    const answer = await send('POST', `{"settings":${document(512 * KIB + 1)}}`);
    expect(answer.status).toBe(413);
    expect(answer.body).toStrictEqual({
      success: false,
      message: 'Payload too large',
      error: 'the settings would take 524289 bytes, more than the 524288 allowed',
    });
  });

  it('refuses numbers that would be too long when written out, before the database writes them', async () => {
    await store('{"kept":true}');
    const bombs = `{"a":[${Array(170_000).fill('1e999').join(',')}]}`;
    const before = app.recording.statements.length;
    for (const answer of [await send('PUT', bombs), await send('POST', `{"settings":${bombs}}`)]) {
      expect(answer.status).toBe(413);
      expect(answer.body).toMatchObject({
        message: 'Payload too large',
        error: 'the numbers alone would take 170000000 bytes, more than the 524288 allowed',
      });
    }
    const issued = app.recording.statements.slice(before).map(({ name }) => name);
    expect(issued.filter((name) => name?.includes('change'))).toStrictEqual([]);
    expect(await textOfSettings()).toBe('{"kept": true}');
  });

  it('refuses a merge that would grow past it, and changes nothing', async () => {
    await store(`{"a":"${'x'.repeat(400 * KIB)}"}`);
    const answer = await send('PUT', `{"b":"${'x'.repeat(200 * KIB)}","a":1.5,"c":{}}`);
    expect(answer.status).toBe(200);
    await store(`{"a":"${'x'.repeat(400 * KIB)}"}`);
    expect((await send('PUT', `{"b":"${'x'.repeat(200 * KIB)}"}`)).status).toBe(413);
    expect(Object.keys((await read()) as JsonObject)).toStrictEqual(['a']);
    expect((await send('DELETE', { keys: ['a'] })).status).toBe(200);
  });
});
