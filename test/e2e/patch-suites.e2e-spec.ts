import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { JSON_PATCH, MERGE_PATCH, settingsAt } from './patches.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

describe('JSON Merge Patch, as RFC 7396 has it in appendix A', () => {
  const examples: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  it.each(examples)('makes of %j with %j: %j', async (target, body, expected) => {
    const { store, read, patch } = settingsAt(app, '/settings/user', organization.user);
    await store(target);
    expect((await patch(MERGE_PATCH, body)).status).toBe(200);
    expect(JSON.parse(await read())).toStrictEqual(expected);
  });
});

interface SuiteTest {
  comment?: string;
  doc: unknown;
  patch: { op: string; path?: string; from?: string }[];
  expected?: unknown;
  error?: string;
  disabled?: boolean;
}

const suite = ['spec_tests.json', 'tests.json']
  .map((file) => createRequire(import.meta.url).resolve(`json-patch-test-suite/${file}`))
  .flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as SuiteTest[])
  .filter(({ disabled }) => disabled !== true)
  .map((test, place) => ({ ...test, name: `${place}: ${test.comment ?? test.error ?? JSON.stringify(test.patch)}` }));

describe.each([
  ['a small document', {}],
  ['a large one, of which only the member is patched', { rest: 'x'.repeat(20_000) }],
])('JSON Patch, as the test suite of the json-patch project has it: in %s', (_, others) => {
  /** Our documents are objects, so each of the suite's is the value of a member. */
  const within = <T extends { path?: string; from?: string }>(operation: T): T => ({
    ...operation,
    ...(operation.path !== undefined && { path: `/doc${operation.path}` }),
    ...(operation.from !== undefined && { from: `/doc${operation.from}` }),
  });

  it.each(suite)('$name', async ({ doc, patch: operations, expected, error }) => {
    const { store, read, patch } = settingsAt(app, '/settings/user', organization.user);
    await store({ doc, ...others });
    const answer = await patch(JSON_PATCH, operations.map(within));
    expect([200, 400, 409]).toContain(answer.status);
    expect(answer.status === 200).toBe(error === undefined);
    expect(JSON.parse(await read())).toStrictEqual({
      doc: error === undefined ? (expected ?? doc) : doc,
      ...others,
    });
  });
});
