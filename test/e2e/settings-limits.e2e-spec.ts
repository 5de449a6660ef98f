import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { type JsonObject, ownSettings } from './own-settings.js';

/** What is refused, and what just fits, on one user's settings. */

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());
beforeEach(() => store('{}'));

const { read, send, store, textOfSettings } = ownSettings(() => ({ app, organization }));

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
