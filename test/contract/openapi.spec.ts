import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/common/errors/error-code.js';
import { errorEnvelopeOf } from '../support/error-envelopes.js';
import { openApiDocument } from '../support/openapi-document.js';

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description: string; headers?: object; content?: Record<string, Content> }>;
}
interface Content {
  schema: object;
  examples?: Record<string, { value: unknown }>;
}
interface Document {
  openapi: string;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { headers: Record<string, { schema: { enum: string[] } }> };
}

const document = openApiDocument<Document>();
const operations = Object.entries(document.paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, operation]) => ({ name: `${verb.toUpperCase()} ${path}`, verb, path, operation })),
);

/** Replies that are no JSON. */
const TEXTS: Record<string, string | undefined> = {
  '/metrics': 'text/plain',
  '/settings/stream': 'text/event-stream',
};

/** Operations for service accounts of all organizations. */
const isForServices = (path: string) => isOfSystem(path) || ['/organizations', '/settings/batch'].includes(path);

const isOfSystem = (path: string) => path.startsWith('/settings/system');

/** What the contract and its documents say that an operation can answer. */
function statusesOf(verb: string, path: string): string[] {
  if (path === '/health') return ['200', '503'];
  if (path === '/metrics') return ['200', '404'];
  if (!isGuarded(path)) return path === '/' ? ['200', '302', '429'] : ['200'];
  const people = STATUSES_OF_PEOPLE[`${verb.toUpperCase()} ${path}`];
  if (people !== undefined) return people.split(' ');
  const isProfile = path.startsWith('/organization/');
  const isStream = path === '/settings/stream';
  const isOfOrganization = /^\/settings\/(organization|effective)/.test(path);
  const isEvents = path.startsWith('/systemevent');
  const isDocument = /^\/settings\/(effective|(user|organization|system)(\/policy)?)$|\{orgId\}$/.test(path);
  const isRestore = path.endsWith('/restore');
  const isChange = !isEvents && verb !== 'get';
  const when = (isSo: boolean, ...statuses: string[]) => (isSo ? statuses : []);
  return [
    '200',
    ...when(isDocument && verb === 'get', '304'),
    '400',
    '401',
    ...when(isProfile || isOfOrganization || isForServices(path) || isStream, '403'),
    ...when(path.startsWith('/settings/user') && isChange, '403'),
    ...when(!isForServices(path) || (isDocument && verb === 'get') || path.includes('{version}'), '404'),
    ...when(isStream, '406'),
    ...when(verb === 'patch', '409'),
    ...when(isDocument || isRestore, '412'),
    ...when(isChange || isEvents, '413'),
    ...when(verb !== 'get', '415'),
    '429',
    '500',
    '503',
  ];
}

const STATUSES_OF_PEOPLE: Partial<Record<string, string>> = {
  'GET /organization/users': '200 400 401 403 429 500 503',
  'POST /organization/users': '201 400 401 403 409 413 415 429 500 503',
  'GET /organization/users/{userId}': '200 304 400 401 403 404 412 429 500 503',
  'PUT /organization/users/{userId}': '200 400 401 403 404 412 413 415 429 500 503',
  'DELETE /organization/users/{userId}': '200 400 401 403 404 412 413 415 429 500 503',
  'POST /organization/users/{userId}/activate': '200 400 401 403 404 409 413 415 429 500 503',
  'POST /organization/users/{userId}/resend-invitation': '200 400 401 403 404 409 413 415 429 500 503',
  'GET /user/profile': '200 400 401 404 429 500 503',
  'GET /user/{userId}': '200 304 400 401 403 404 412 429 500 503',
  'PUT /user/{userId}': '200 400 401 403 404 412 413 415 429 500 503',
  'PUT /user/{userId}/role': '200 400 401 403 404 412 413 415 429 500 503',
  'POST /mfa/organization/enforce': '200 400 401 403 412 413 415 429 500 503',
};

function isGuarded(path: string): boolean {
  return /settings|organization|systemevent|\/user\//.test(path);
}

/** Whether a service account may call it, and names the organization in a header, because the path does not. */
function namesOrganization(path: string): boolean {
  return /^\/(settings\/(organization|effective)|organization\/users|mfa\/|user\/\{)/.test(path);
}

function hasBody(verb: string, path: string): boolean {
  return (
    verb !== 'get' &&
    !/\/(restore|activate|resend-invitation)$/.test(path) &&
    !(verb === 'delete' && /users|policy/.test(path))
  );
}

function mediaTypesOf(verb: string): string[] {
  return verb === 'patch' ? ['application/merge-patch+json', 'application/json-patch+json'] : ['application/json'];
}

describe('the OpenAPI document', () => {
  it('is 3.1, because 3.0 has no body on DELETE', () => {
    expect(document.openapi).toBe('3.1.0');
  });

  it('has the closed set of error codes', () => {
    const { enum: codes } = document.components.headers['X-Error-Code']!.schema;
    expect(codes).toStrictEqual([...ERROR_CODES]);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('says no long sentence again and again', () => {
    const times = new Map<string, number>();
    for (const [, text] of readFileSync('openapi.json', 'utf8').matchAll(/"description": "([^"]{40,})"/g)) {
      times.set(text!, (times.get(text!) ?? 0) + 1);
    }
    expect([...times].filter(([, count]) => count > 20)).toStrictEqual([]);
  });

  it('has unique operation ids', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has its tags described, in the order of their use', () => {
    expect(document.tags.map(({ name }) => name)).toStrictEqual([
      'Organization settings',
      'Organization policy',
      'User settings',
      'System settings',
      'System policy',
      'Effective settings',
      'Organization',
      'Members',
      'All organizations',
      'Changes',
      'System events',
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
    expect(operation.security).toStrictEqual(isGuarded(path) ? [{ bearer: [] }] : []);
    expect(operation.requestBody !== undefined).toBe(hasBody(verb, path));
  });

  it.each(operations)('$name gives an example of its request and of each reply', ({ verb, path, operation }) => {
    const { requestBody, responses } = operation;
    if (requestBody !== undefined) expect(Object.keys(requestBody.content)).toStrictEqual(mediaTypesOf(verb));
    for (const { examples = {} } of Object.values(requestBody?.content ?? {})) {
      expect(Object.keys(examples)).not.toHaveLength(0);
    }
    for (const [status, { headers, content = {} }] of Object.entries(responses)) {
      expect(headers).toHaveProperty('X-Request-Id');
      expect(Object.hasOwn(headers!, 'X-Error-Code')).toBe(Number(status) >= 400);
      const hasNoBody = status.startsWith('3');
      const mediaType = (status === '200' && TEXTS[path]) || 'application/json';
      expect(Object.keys(content)).toStrictEqual(hasNoBody ? [] : [mediaType]);
      const examples = Object.values(content[mediaType]?.examples ?? {});
      expect(examples.length > 0).toBe(!hasNoBody);
      for (const { value } of examples) {
        const isBare = /^(querySystemEvents|getMember)$/.test(operation.operationId!) || TEXTS[path] !== undefined;
        if (!isBare || !status.startsWith('2')) expect(value).toHaveProperty('success', status.startsWith('2'));
        if (!status.startsWith('2')) expect(value).toMatchObject(errorEnvelopeOf(verb, path).rest);
      }
    }
  });

  it.each(operations)('$name says where a service account names the organization', ({ path, operation }) => {
    const header = operation.parameters?.find(({ name }) => name === 'X-Organization-Id');
    const isOfOrganization = namesOrganization(path) || path === '/settings/stream';
    expect(header?.in).toBe(isOfOrganization ? 'header' : undefined);
    expect(header?.required).toBe(isOfOrganization ? false : undefined);
    expect(/a service account with the scope `\w+:(read|write)`/.test(operation.description!)).toBe(
      isOfOrganization || path.startsWith('/organization/'),
    );
    expect(/\*\*Role:\*\* a service account of all organizations/.test(operation.description!)).toBe(
      isForServices(path),
    );
  });

  it.each(operations.filter(({ operation }) => operation.responses['412']))(
    '$name shows entity tags',
    ({ operation }) => {
      for (const status of ['200', '412']) expect(operation.responses[status]!.headers).toHaveProperty('ETag');
      expect(operation.parameters!.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['If-Match', 'If-None-Match']),
      );
    },
  );
});
