import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { JSON_PATCH, settingsAt } from './patches.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

/** In milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe('a JSON Patch of a large document', () => {
  const large = Object.fromEntries(Array.from({ length: 18_000 }, (_, n) => [`key${n}`, `value ${n}`]));
  const numbers = Array.from({ length: 70_000 }, (_, n) => n);

  it.each<[string, (n: number) => object, object?]>([
    ['copy', (n: number) => ({ op: 'copy', from: '/key1', path: `/copy${n}` })],
    ['move', (n: number) => ({ op: 'move', from: `/key${n}`, path: `/moved${n}` })],
    ['test', (n: number) => ({ op: 'test', path: `/key${n}`, value: `value ${n}` })],
    ['replace', (n: number) => ({ op: 'replace', path: `/inner/large/key${n}`, value: n }), { inner: { large } }],
    ['add', () => ({ op: 'add', path: '/list/0', value: 2 }), { list: numbers }],
    ['replace', (n: number) => ({ op: 'replace', path: `/lists/1/${n}`, value: 2 }), { lists: [[], numbers] }],
  ])(
    'takes the time of the document and of what it names, not of the document for each operation: 256 %s',
    async (_, operationOf, document = large) => {
      const { store, patch } = settingsAt(app, '/settings/user', organization.user);
      const operations = Array.from({ length: 256 }, (_, n) => operationOf(n));
      const whole: number[] = [];
      const patched: number[] = [];
      for (let round = 0; round < 3; round++) {
        whole.push(await timeOf(() => store(document)));
        patched.push(await timeOf(async () => expect((await patch(JSON_PATCH, operations)).status).toBe(200)));
      }
      expect(Math.min(...patched)).toBeLessThan(4 * Math.min(...whole));
    },
  );

  it('is refused where each operation would copy it', async () => {
    const { store, patch, read } = settingsAt(app, '/settings/user', organization.user);
    await store({ list: numbers, others: numbers.slice(0, 100) });
    const before = await read();
    const operations = Array.from({ length: 256 }, (_, n) => ({
      op: 'add',
      path: n ? '/list/0' : '/others/0',
      value: 2,
    }));
    const answer = await patch(JSON_PATCH, operations);
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({
      error: expect.stringMatching(/^operation \d+ comes after too much work; send fewer at a time$/) as string,
    });
    expect(await read()).toBe(before);
    expect((await patch(JSON_PATCH, operations.slice(0, 10))).status).toBe(200);
  });

  it('has the elements of a list where the operations put them', async () => {
    const { store, patch, read } = settingsAt(app, '/settings/user', organization.user);
    const list: unknown[] = Array.from({ length: 3_000 }, (_, n) => `element ${n}`);
    await store({ list });
    const operations = Array.from({ length: 256 }, (_, n) => {
      const at = (n * 7_919) % list.length;
      const from = (n * 104_729) % list.length;
      switch (n % 6) {
        case 0:
          list.splice(at, 0, n);
          return { op: 'add', path: `/list/${at}`, value: n };
        case 1:
          list.splice(at, 1);
          return { op: 'remove', path: `/list/${at}` };
        case 2:
          list.splice(at, 0, list[from]);
          return { op: 'copy', from: `/list/${from}`, path: `/list/${at}` };
        case 3:
          list.splice(Math.min(at, list.length - 1), 0, ...list.splice(from, 1));
          return { op: 'move', from: `/list/${from}`, path: `/list/${Math.min(at, list.length)}` };
        case 4:
          list.push({ n });
          return { op: 'add', path: '/list/-', value: { n } };
        default:
          (list.at(-1) as { m: number }).m = n;
          return { op: 'add', path: `/list/${list.length - 1}/m`, value: n };
      }
    });
    expect((await patch(JSON_PATCH, operations)).status).toBe(200);
    expect(JSON.parse(await read())).toStrictEqual({ list });
    // Below elements, and of what an operation put there before.
    const [one, two] = [{ a: { b: [1, 2, 3] }, c: 1 }, { d: 'x'.repeat(50) }];
    await store({ list: [...list.slice(0, 1_500), one, two, ...list.slice(1_500)] });
    const below = await patch(JSON_PATCH, [
      { op: 'test', path: '/list/1500/a/b/1', value: 2 },
      { op: 'remove', path: '/list/1500/a/b/0' },
      { op: 'replace', path: '/list/1500/c', value: { e: null } },
      { op: 'move', from: '/list/1500/a', path: '/list/1501/a' },
      { op: 'copy', from: '/list/1501/a/b', path: '/list/1500/f' },
      { op: 'replace', path: '/list/3', value: { new: [] } },
      { op: 'add', path: '/list/3/new/-', value: 7 },
      { op: 'test', path: '/list/3', value: { new: [7] } },
      { op: 'remove', path: '/list/3/new/0' },
      { op: 'move', from: '/list/1501', path: '/list/0' },
    ]);
    expect(below.status).toBe(200);
    const expected: unknown[] = [...list.slice(0, 1_500), { c: { e: null }, f: [2, 3] }, ...list.slice(1_500)];
    expected[3] = { new: [] };
    expected.unshift({ ...two, a: { b: [2, 3] } });
    expect(JSON.parse(await read())).toStrictEqual({ list: expected });
    const emptied = expected.slice(0, 200).map(() => ({ op: 'remove', path: '/list/0' }));
    await store({ list: expected.slice(0, 200), rest: 'x'.repeat(20_000) });
    expect((await patch(JSON_PATCH, emptied)).status).toBe(200);
    expect(JSON.parse(await read())).toMatchObject({ list: [] });
    await store({ list });
    const outside = await patch(JSON_PATCH, [
      { op: 'test', path: '/list/0', value: list[0] },
      { op: 'replace', path: `/list/${list.length}`, value: 1 },
    ]);
    expect(outside.body).toMatchObject({ error: `operation 1: there is nothing at /list/${list.length}` });
  });
});

it.each([0, 1_500, 2_999])('keeps a version of what changed in a long list: element %d', async (place) => {
  const { store, patch } = settingsAt(app, '/settings/user', organization.user);
  const list: unknown[] = Array.from({ length: 3_000 }, (_, n) => n);
  await store({ list });
  const answer = await patch(JSON_PATCH, [{ op: 'replace', path: `/list/${place}`, value: 'other' }]);
  const version = /\d+/.exec(answer.headers['etag'] as string)![0];
  const { body } = await app.request('GET', `/settings/user/versions/${version}/diff`, { as: organization.user });
  expect(body).toMatchObject({ patch: [{ op: 'replace', path: `/list/${place}`, value: 'other' }] });
});
