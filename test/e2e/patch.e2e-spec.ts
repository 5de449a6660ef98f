import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { SCOPES } from '../support/scopes.js';
import { JSON_PATCH, MERGE_PATCH, settingsAt } from './patches.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

describe.each(SCOPES)('PATCH of $scope settings', ({ path, noun, title, writer }) => {
  const { store, read, patch } = {
    store: (settings: unknown) => settingsAt(app, path, writer(organization)).store(settings),
    read: () => settingsAt(app, path, writer(organization)).read(),
    patch: (type: string, body: unknown) => settingsAt(app, path, writer(organization)).patch(type, body),
  };
  beforeEach(() => store({ a: 'b', c: { d: 1, e: [1, 2] } }));

  it('takes a JSON Merge Patch', async () => {
    const answer = await patch(MERGE_PATCH, { a: null, c: { d: 2, f: { g: null, h: 1 } } });
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({ success: true, message: `${title} patched successfully` });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(await read())).toStrictEqual({ c: { d: 2, e: [1, 2], f: { h: 1 } } });
  });

  it('takes a JSON Patch', async () => {
    const answer = await patch(JSON_PATCH, [
      { op: 'test', path: '/c/d', value: 1 },
      { op: 'add', path: '/c/e/-', value: 3 },
      { op: 'move', from: '/a', path: '/c/a' },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({ success: true, message: `${title} patched successfully` });
    expect(JSON.parse(await read())).toStrictEqual({ c: { a: 'b', d: 1, e: [1, 2, 3] } });
  });

  it('takes a charset and any case of the media type', async () => {
    expect((await patch('Application/Merge-Patch+JSON; charset=utf-8', { a: 1 })).status).toBe(200);
  });

  it('says what it takes, and takes nothing else', async () => {
    for (const type of ['application/json', 'text/plain', '', 'application/merge-patch+json; charset=latin1']) {
      const answer = await patch(type, '{"a":1}');
      expect(answer.status, type).toBe(415);
      expect(answer.body).toStrictEqual({
        success: false,
        message: 'Unsupported media type',
        error: `the body must be ${MERGE_PATCH} or ${JSON_PATCH} in UTF-8`,
      });
      expect(answer.headers['accept-patch']).toBe(`${MERGE_PATCH}, ${JSON_PATCH}`);
    }
    const nothing = await app.request('PATCH', path, { as: writer(organization) });
    expect(nothing.status).toBe(400);
    expect(nothing.body).toMatchObject({ error: `the body must be ${MERGE_PATCH} or ${JSON_PATCH}` });
    const get = await app.request('GET', path, { as: writer(organization) });
    expect(get.headers['accept-patch']).toBe(`${MERGE_PATCH}, ${JSON_PATCH}`);
  });

  it.each(['POST', 'PUT', 'DELETE'])('keeps its media types from %s', async (method) => {
    for (const type of [MERGE_PATCH, JSON_PATCH]) {
      const answer = await app.request(method, path, {
        as: writer(organization),
        body: '{}',
        headers: { 'content-type': type },
      });
      expect(answer.status).toBe(415);
    }
  });

  it.each([
    ['an array', '[]', 'the body must be an object'],
    ['null', 'null', 'the body must be an object'],
    ['a scalar', '5', 'the body must be an object'],
    ['nothing', '', 'the body must be an object'],
    ['malformed JSON', '{"a":', 'Malformed JSON in request body'],
    ['U+0000', '{"a":"\\u0000"}', 'U+0000 cannot be stored (at /a)'],
    ['a forbidden key', '{"a":{"__proto__":null}}', '__proto__ cannot be used as a key (at /a)'],
  ])('refuses %s as a JSON Merge Patch', async (_, body, error) => {
    const before = await read();
    const answer = await patch(MERGE_PATCH, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, message: `Failed to patch ${noun}`, error });
    expect(await read()).toBe(before);
  });

  it.each([
    ['an object', '{}', 'a JSON Patch must be an array of operations'],
    ['nothing', '', 'a JSON Patch must be an array of operations'],
    ['malformed JSON', '[', 'Malformed JSON in request body'],
    ['a scalar as operation', '[5]', 'operation 0: must be an object'],
    [
      'an unknown op',
      '[{"op":"spam","path":""}]',
      'operation 0: op must be one of add, remove, replace, move, copy, test',
    ],
    ['no op', '[{"path":""}]', 'operation 0: op must be one of add, remove, replace, move, copy, test'],
    ['no path', '[{"op":"remove"}]', 'operation 0: path must be a JSON Pointer (RFC 6901)'],
    ['a path without slash', '[{"op":"remove","path":"a"}]', 'operation 0: path must be a JSON Pointer (RFC 6901)'],
    ['a wrong escape', '[{"op":"remove","path":"/~2"}]', 'operation 0: path must be a JSON Pointer (RFC 6901)'],
    ['no from', '[{"op":"move","path":"/a"}]', 'operation 0: from must be a JSON Pointer (RFC 6901)'],
    [
      'a move into itself',
      '[{"op":"move","from":"/c","path":"/c/d"}]',
      'operation 0: nothing can be moved into itself',
    ],
    [
      'no value, after a good one',
      '[{"op":"remove","path":"/a"},{"op":"add","path":"/b"}]',
      'operation 1: value is required',
    ],
    ['the end of the document', '[{"op":"remove","path":""}]', 'operation 0: the whole document cannot be removed'],
    ['a scalar document', '[{"op":"replace","path":"","value":5}]', 'operation 0: settings must be an object'],
    [
      'a forbidden key',
      '[{"op":"add","path":"/__proto__","value":5}]',
      'operation 0: __proto__ cannot be used as a key',
    ],
    ['U+0000 in a path', '[{"op":"add","path":"/\\u0000","value":5}]', 'U+0000 cannot be stored (at /0/path)'],
  ])('refuses %s as a JSON Patch', async (_, body, error) => {
    const before = await read();
    const answer = await patch(JSON_PATCH, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toStrictEqual({ success: false, message: `Failed to patch ${noun}`, error });
    expect(await read()).toBe(before);
  });

  it('refuses more than 256 operations', async () => {
    const operations = (length: number) => Array.from({ length }, (_, n) => ({ op: 'add', path: `/k${n}`, value: n }));
    expect((await patch(JSON_PATCH, operations(256))).status).toBe(200);
    const answer = await patch(JSON_PATCH, operations(257));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'at most 256 operations are allowed' });
  });

  it.each([
    ['a failed test', [{ op: 'test', path: '/a', value: 'x' }], 'operation 0: another value is at /a'],
    ['a test of nothing', [{ op: 'test', path: '/x', value: null }], 'operation 0: there is nothing at /x'],
    ['nothing to remove', [{ op: 'remove', path: '/c/x' }], 'operation 0: there is nothing at /c/x'],
    ['nothing to replace', [{ op: 'replace', path: '/c/e/2', value: 1 }], 'operation 0: there is nothing at /c/e/2'],
    ['no parent', [{ op: 'add', path: '/x/y', value: 1 }], 'operation 0: nothing can be added at /x/y'],
    ['a parent that is a string', [{ op: 'add', path: '/a/y', value: 1 }], 'operation 0: nothing can be added at /a/y'],
    ['an index too far', [{ op: 'add', path: '/c/e/3', value: 1 }], 'operation 0: nothing can be added at /c/e/3'],
    ['a negative index', [{ op: 'add', path: '/c/e/-1', value: 1 }], 'operation 0: nothing can be added at /c/e/-1'],
    ['nothing to move', [{ op: 'move', from: '/x', path: '/y' }], 'operation 0: there is nothing at /x'],
    [
      'a document that is no object',
      [{ op: 'copy', from: '/c/e', path: '' }],
      'operation 0: the settings would no longer be an object',
    ],
    [
      'what failed only at the end',
      [
        { op: 'remove', path: '/c' },
        { op: 'test', path: '/a', value: 'x' },
      ],
      'operation 1: another value is at /a',
    ],
  ])('answers 409 for %s, and changes nothing', async (_, body, error) => {
    const before = await read();
    const answer = await patch(JSON_PATCH, body);
    expect(answer.status).toBe(409);
    expect(answer.body).toStrictEqual({
      success: false,
      message: 'The patch does not apply to the current document',
      error,
    });
    expect(await read()).toBe(before);
  });

  it('keeps every digit, and compares numbers by value', async () => {
    await store('{"big":12345678901234567890,"one":1.0}');
    expect((await patch(MERGE_PATCH, '{"pi":0.1000000000000000055511151231257827}')).status).toBe(200);
    const answer = await patch(
      JSON_PATCH,
      '[{"op":"test","path":"/big","value":12345678901234567890},{"op":"test","path":"/one","value":1},{"op":"copy","from":"/big","path":"/copy"},{"op":"add","path":"/new","value":98765432109876543210}]',
    );
    expect(answer.status).toBe(200);
    const text = await read();
    expect(text).toContain('"big": 12345678901234567890');
    expect(text).toContain('"copy": 12345678901234567890');
    expect(text).toContain('"new": 98765432109876543210');
    expect(text).toContain('"pi": 0.1000000000000000055511151231257827');
    const other = await patch(JSON_PATCH, '[{"op":"test","path":"/big","value":12345678901234567891}]');
    expect(other.status).toBe(409);
  });

  it('refuses what would be too large or too deep, however it came about', async () => {
    const doubled = Array.from({ length: 40 }, (_, n) => ({ op: 'copy', from: '', path: `/k${n}` }));
    const tooLarge = await patch(JSON_PATCH, doubled);
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.body).toMatchObject({ success: false, message: 'Payload too large' });
    await store({});
    const deeper = Array.from({ length: 32 }, () => ({ op: 'copy', from: '', path: '/a' }));
    const tooDeep = await patch(JSON_PATCH, deeper);
    expect(tooDeep.status).toBe(400);
    expect(tooDeep.body).toMatchObject({ error: 'nested deeper than 32 levels' });
    expect((await patch(JSON_PATCH, deeper.slice(0, 31))).status).toBe(200);
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect((await patch(MERGE_PATCH, nested(33))).body).toMatchObject({ error: 'nested deeper than 32 levels' });
    const added = `[{"op":"add","path":"","value":${nested(33)}}]`;
    expect((await patch(JSON_PATCH, added)).body).toMatchObject({ error: 'nested deeper than 32 levels' });
    expect((await patch(JSON_PATCH, added.replace('{"a":', '').replace('}}]', '}]'))).status).toBe(200);
  });

  it('refuses what nests deeper with each operation, and goes on as before', async () => {
    const operations: object[] = [{ op: 'add', path: '/a', value: {} }];
    for (let depth = 1; depth < 32; depth *= 2) {
      operations.push({ op: 'copy', from: '/a', path: '/a'.repeat(depth + 1) });
    }
    await store({});
    const answer = await patch(JSON_PATCH, operations);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'nested deeper than 32 levels' });
    const far = await patch(JSON_PATCH, [{ op: 'copy', from: '/a', path: '/a'.repeat(33) }]);
    expect(far.body).toMatchObject({ error: 'operation 0: nested deeper than 32 levels' });
    const whole = Array.from({ length: 256 }, () => ({ op: 'copy', from: '', path: '/a' }));
    expect((await patch(JSON_PATCH, whole)).body).toMatchObject({ error: 'nested deeper than 32 levels' });
    expect(await read()).toBe('{}');
  });

  it('applies the patches of many at once, each to the latest document', async () => {
    await store({ list: [] });
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, n) => patch(JSON_PATCH, [{ op: 'add', path: '/list/-', value: n }])),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const { list } = JSON.parse(await read()) as { list: number[] };
    expect(list.toSorted((one, other) => one - other)).toStrictEqual(Array.from({ length: 32 }, (_, n) => n));
  });
});
