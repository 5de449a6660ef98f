import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestAt } from '../support/app.js';
import { DocumentedReplies } from '../support/documented-replies.js';
import { judgedFetch } from '../support/judged-replies.js';
import { takeProblems } from '../support/reply-problems.js';

const json = (schema: object) => ({ content: { 'application/json': { schema: schema as Record<string, unknown> } } });

const replies = new DocumentedReplies({
  components: {
    schemas: {
      Actor: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      Change: {
        type: 'object',
        properties: {
          at: { type: 'string', format: 'date-time' },
          actor: { allOf: [{ $ref: '#/components/schemas/Actor' }] },
          settings: { type: 'object', additionalProperties: true },
        },
        required: ['at'],
      },
    },
  },
  paths: {
    '/changes/{id}': {
      get: {
        responses: {
          200: json({ type: 'array', items: { $ref: '#/components/schemas/Change' } }),
          304: {},
          404: json({ type: 'object', properties: { success: { const: false } } }),
        },
      },
    },
  },
});

const AT = '2026-11-21T12:00:00Z';

const problemOf = (status: number, body: unknown, mediaType = 'application/json; charset=utf-8') =>
  replies.problemOf('GET', '/changes/5?limit=1', {
    status,
    mediaType,
    text: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('a reply is judged by the document, which', () => {
  it('allows what it describes', () => {
    expect(problemOf(200, [{ at: AT }, { at: AT, actor: { id: 'a' } }])).toBeUndefined();
    expect(problemOf(200, [{ at: AT, settings: { anything: { at: 'all' } } }])).toBeUndefined();
    expect(problemOf(304, '', undefined)).toBeUndefined();
    expect(problemOf(404, { success: false })).toBeUndefined();
  });

  it.each([
    ['a status', 403, {}, 'the status is not one of 200, 304, 404'],
    ['a body where there is none', 304, 'x', 'no body is documented'],
    ['a missing member', 200, [{}], "must have required property 'at'"],
    ['a member of another type', 200, [{ at: 5 }], 'the body/0/at must be string'],
    ['a member of another format', 200, [{ at: 'yesterday' }], 'the body/0/at must match format "date-time"'],
    ['an additional member', 404, { success: false, id: 1 }, 'must NOT have additional properties'],
    ['an additional member of an item', 200, [{ at: AT, by: 1 }], 'the body/0 must NOT have additional properties'],
    ['an additional member deeper down', 200, [{ at: AT, actor: { id: 'a', name: 'b' } }], 'the body/0/actor must NOT'],
  ])('refuses %s', (_, status, body, problem) => {
    expect(problemOf(status, body)).toContain(problem);
  });

  it('refuses a media type', () => {
    expect(problemOf(404, { success: false }, 'text/html')).toContain('text/html is not one of application/json');
  });

  it('says nothing of a request for no operation', () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/changes/5/6'],
      ['HEAD', '/changes/5'],
    ] as const) {
      expect(replies.problemOf(method, path, { status: 500, mediaType: undefined, text: 'x' })).toBeUndefined();
    }
  });
});

describe('a reply that the document does not describe', () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const problem = expect.stringContaining("must have required property 'dependencies'") as string;

  it('is seen wherever a test sends its request', async () => {
    await requestAt(url, 'GET', '/health', {});
    expect(takeProblems()).toStrictEqual([problem]);
    await judgedFetch(`${url}/health`, { method: 'GET' });
    expect(takeProblems()).toStrictEqual([problem]);
  });

  it.fails('fails the test that sent it', () => requestAt(url, 'GET', '/health', {}));

  it('is let pass where a test says that it is none of the document', async () => {
    await requestAt(url, 'GET', '/health', { isOutsideDocument: true });
    expect(takeProblems()).toStrictEqual([]);
  });
});
