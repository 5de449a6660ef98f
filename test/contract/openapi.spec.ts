import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: object[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description: string; headers?: object; content: Record<string, Content> }>;
}
interface Content {
  schema: object;
  examples?: Record<string, { value: unknown }>;
}
interface Document {
  openapi: string;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
}

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;
const operations = Object.entries(document.paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, operation]) => ({ name: `${verb.toUpperCase()} ${path}`, verb, path, operation })),
);

/** What the contract and its documents say that an operation can answer. */
function statusesOf(verb: string, path: string): string[] {
  if (path === '/health') return ['200', '503'];
  if (!/settings|organization/.test(path)) return ['200'];
  const isWrite = verb !== 'get';
  const isOfUser = path === '/settings/user';
  const isProfile = path.startsWith('/organization');
  return [
    '200',
    ...(isWrite ? ['400'] : []),
    '401',
    ...(!isOfUser && (isWrite || isProfile) ? ['403'] : []),
    '404',
    ...(isWrite ? ['413', '415'] : []),
    '500',
  ];
}

describe('the OpenAPI document', () => {
  it('is 3.1, because 3.0 has no body on DELETE', () => {
    expect(document.openapi).toBe('3.1.0');
  });

  it('has unique operation ids', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has its tags described, in the order of their use', () => {
    expect(document.tags.map(({ name }) => name)).toStrictEqual([
      'Organization settings',
      'User settings',
      'Organization',
      'Service',
    ]);
    for (const { description } of document.tags) expect(description).not.toBe('');
  });

  it.each(operations)('$name says everything', ({ verb, path, operation }) => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.summary).toMatch(/\w/);
    expect(operation.description).toMatch(/\*\*Role:\*\* /);
    expect(operation.tags).toHaveLength(1);
    expect(Object.keys(operation.responses)).toStrictEqual(statusesOf(verb, path));
    expect(operation.security).toStrictEqual(/settings|organization/.test(path) ? [{ bearer: [] }] : undefined);
    expect(operation.requestBody !== undefined).toBe(['post', 'put', 'delete'].includes(verb));
  });

  it.each(operations)('$name gives an example of its request and of each reply', ({ path, operation }) => {
    const contents = [operation.requestBody, ...Object.values(operation.responses)].filter(
      (part) => part !== undefined,
    );
    for (const { content } of contents) {
      expect(Object.keys(content)).toStrictEqual(['application/json']);
      expect(Object.keys(content['application/json']!.examples ?? {})).not.toHaveLength(0);
    }
    for (const [status, { headers, content }] of Object.entries(operation.responses)) {
      expect(headers).toHaveProperty('X-Request-Id');
      for (const { value } of Object.values(content['application/json']!.examples!)) {
        expect(value).toHaveProperty('success', status === '200');
        if (path.startsWith('/organization') && status !== '200') expect(value).toHaveProperty('data', null);
      }
    }
  });
});
