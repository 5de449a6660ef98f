import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../support/openapi-document.js';
import { TestApp } from '../support/app.js';
import { SERVICE_SCOPES } from '../../src/auth/service-scope.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';

/**
 * Hostile values at every position of every documented operation: each answer is a documented one, and none a failure.
 */

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
}
interface Operation {
  operationId: string;
  parameters?: { name: string; in: 'path' | 'query' | 'header' }[];
  requestBody?: { content: Record<string, { schema: Schema; examples: Record<string, { value: unknown }> }> };
  responses: Record<string, object>;
}

const document = openApiDocument<{
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}>();
const operations = Object.entries(document.paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, operation]) => ({ name: `${verb.toUpperCase()} ${path}`, verb, path, operation })),
);

const DEEP = 2_000;
const nested = (open: string, close: string) => open.repeat(DEEP) + close.repeat(DEEP);

/** As they stand in JSON. */
const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '1e131071',
  '-0.000000000000000000001',
  '9007199254740993',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\"; drop table users; --"',
  '"$1"',
  '"__proto__"',
  '"../../etc/passwd"',
  '"%00%zz"',
  '"2026-02-30T00:00:00Z"',
  '"{}"',
  `"${'x'.repeat(5_000)}"`,
  `"${'🙂'.repeat(300)}"`,
  '[]',
  '[null]',
  '[[[[[]]]]]',
  `[${'"a",'.repeat(400)}"a"]`,
  '{}',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"":{"":null}}',
  '{"toString":1,"hasOwnProperty":2}',
  nested('[', ']'),
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
];

/** What is not even JSON. */
const BODIES = [
  '',
  ' ',
  '{',
  '{"a":1}}',
  '{"a":1,}',
  "{'a':1}",
  'undefined',
  'NaN',
  '[1',
  '"',
  '\ufeff{}',
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from('{"a":"\xc3\x28"}', 'latin1'),
];

/** As they stand in addresses and headers. */
const TEXTS = [
  '',
  '0',
  '-1',
  '1.5',
  '1e9',
  '99999999999999999999999999',
  'null',
  'true',
  'undefined',
  '%00',
  '%zz',
  '%F0%9F%99%82',
  '..%2f..%2f',
  '%27%3B%20drop%20table%20users%3B--',
  '*',
  '"',
  '"1"',
  'W/"1", *',
  '{}',
  '[]',
  '2026-11-21',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59-14:00',
  '__proto__',
  'x'.repeat(3_000),
];

const NO_STREAM = { accept: 'application/json' };

const LEAKS =
  /node_modules|dist\/src|\bat \w+ \(|syntax error|relation "|SQLSTATE|QueryFailed|ECONN|TypeError|postgres/i;

let app: TestApp;
let organization: TestOrganization;
let service: string;

beforeAll(async () => {
  app = await TestApp.start({ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0' });
  service = await aService(app.dataSource, [...SERVICE_SCOPES]);
});
afterAll(() => app.close());

function schemaOf(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!;
}

/** The requests of one operation, each with one hostile value. */
function* requestsOf(path: string, { parameters = [], requestBody }: Operation) {
  const defaults: Record<string, string> = { orgId: organization.id, userId: organization.user, version: '1' };
  const address = (values = defaults) => path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
  const [mediaType = '', { schema, examples } = { schema: {}, examples: {} }] =
    Object.entries(requestBody?.content ?? {})[0] ?? [];
  const valid = JSON.stringify(Object.values(examples)[0]?.value);
  const typed = { 'content-type': mediaType };
  const plain = requestBody === undefined ? {} : { body: valid, headers: typed };

  for (const { name, in: place } of parameters) {
    // It means nothing in the request of a user.
    const as = name === 'X-Organization-Id' ? { as: service } : {};
    for (const text of TEXTS) {
      if (place === 'path') yield { ...plain, path: address({ ...defaults, [name]: text || '%20' }) };
      if (place === 'query') yield { ...plain, path: `${address()}?${name}=${text}&${name}=${text}` };
      if (place === 'query') yield { ...plain, path: `${address()}?${name}=${text}` };
      if (place === 'header') yield { ...plain, ...as, path: address(), headers: { ...plain.headers, [name]: text } };
    }
  }
  for (const type of Object.keys(requestBody?.content ?? {})) {
    const headers = { 'content-type': type };
    for (const body of [...BODIES, ...VALUES]) yield { path: address(), headers, body };
    for (const member of Object.keys(schemaOf(schema).properties ?? {})) {
      for (const value of VALUES) yield { path: address(), headers, body: `{"${member}":${value}}` };
    }
    for (const value of VALUES) {
      for (const op of ['add', 'test', 'copy']) {
        yield { path: address(), headers, body: `[{"op":"${op}","path":"/a","from":"","value":${value}}]` };
      }
      yield { path: address(), headers, body: `[{"op":"add","path":${value},"value":1}]` };
      yield { path: address(), headers, body: `{"a":${value},"b":{"c":${value}}}` };
    }
  }
  for (const type of ['text/plain', 'application/xml', 'application/json; charset=utf-16', 'multipart/form-data']) {
    if (requestBody !== undefined) yield { path: address(), body: valid, headers: { 'content-type': type } };
  }
}

describe('hostile requests', () => {
  it.each(operations)('$name', { timeout: 120_000 }, async ({ verb, path, operation }) => {
    organization = await anOrganization(app.dataSource);
    const documented = Object.keys(operation.responses);
    const requests = [...requestsOf(path, operation)];
    const ask = async ({ path: address, ...options }: (typeof requests)[number]) => {
      // What would be a stream does not end.
      const headers = { ...('headers' in options && options.headers), ...(path.endsWith('/stream') && NO_STREAM) };
      const as = path.startsWith('/settings/system') ? service : organization.owner;
      const answer = await app.request(verb.toUpperCase(), address, { as, ...options, headers });
      const sent = `${address.slice(0, 100)} ${JSON.stringify(options).slice(0, 200)}: ${answer.text.slice(0, 200)}`;
      // A path that leads nowhere is no operation: a query or a fragment cut it short.
      if (answer.status !== 404) expect(documented, `${answer.status} ${sent}`).toContain(String(answer.status));
      expect(answer.status, sent).toBeLessThan(500);
      if (answer.status >= 400) {
        expect(answer.body, sent).toMatchObject({ success: false });
        expect(answer.text, sent).not.toMatch(LEAKS);
      }
    };
    for (let at = 0; at < requests.length; at += 16) await Promise.all(requests.slice(at, at + 16).map(ask));
    const after = await app.request('GET', '/settings/organization', { as: organization.owner });
    expect(after.status).toBe(200);
  });
});
