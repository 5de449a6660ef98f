import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

describe('the open routes', () => {
  it.each(['/', '/health', '/health/live'])('%s answers without a token', async (path) => {
    const answer = await app.request('GET', path);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ success: true });
  });

  it('serves Swagger UI and the OpenAPI document', async () => {
    const page = await app.request('GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect((await app.request('GET', '/openapi.json')).body).toMatchObject({ openapi: '3.1.0' });
    expect((await app.request('GET', '/openapi.yaml')).text).toMatch(/^openapi: 3\.1\.0/);
  });
});

describe('what no route knows', () => {
  it.each([
    ['GET', '/nothing'],
    ['GET', '/settings'],
    ['GET', '/settings/user/'],
    ['PATCH', '/settings'],
    ['OPTIONS', '/settings/user'],
    ['POST', '/organization/x'],
    ['DELETE', '/health'],
    ['GET', '/organization'],
    ['GET', '/%zz'],
    ['GET', '/%'],
    ['TRACE', '/'],
    ['QUERY', '/settings/user'],
    ['GET', '/docs/nothing'],
  ])('%s %s is a 404 in the settings envelope', async (method, path) => {
    const answer = await app.request(method, path);
    expect(answer.status).toBe(404);
    expect(answer.body).toStrictEqual({ success: false, message: 'Not found' });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('X-Request-Id', () => {
  it.each(['abc', '3f2a/1.b-c_d:e+f=@', 'x'.repeat(128)])('is taken over when it is sane: %s', async (id) => {
    const answer = await app.request('GET', '/', { headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toBe(id);
  });

  it.each(['', 'a b', '<script>', 'x'.repeat(129), 'ümlaut'])('is a new one when it is not: %s', async (id) => {
    const answer = await app.request('GET', '/nothing', { headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is on every reply', async () => {
    const answers = [
      await app.request('GET', '/settings/user'),
      await app.request('GET', '/settings/user', { as: organization.user }),
      await app.request('PUT', '/settings/user', { as: organization.user, body: 'x'.repeat(2_000_000) }),
      await app.request('GET', '/openapi.json'),
    ];
    for (const answer of answers) expect(answer.headers['x-request-id']).toBeTypeOf('string');
  });
});

describe('what is hardly HTTP', () => {
  const raw = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write(bytes));
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
      socket.setTimeout(5000, () => socket.destroy());
    });

  it('is answered in an envelope', async () => {
    const answer = await raw('GARBAGE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/\{"success":false,"message":"Bad request","error":"the request is not HTTP"\}$/);
  });

  it('is answered in an envelope when the header is too long', async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"success":false');
  });

  it('is answered as usual with an expectation that nobody knows', async () => {
    const answer = await raw('GET /settings/user HTTP/1.1\r\nHost: x\r\nExpect: banana\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toMatch(/x-request-id: /i);
  });

  it('is refused under /docs without an error of ours', async () => {
    const paths = ['/docs/../../package.json', '/docs/%00', '/docs/%2e%2e/%2e%2e/package.json'];
    for (const path of paths) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer, path).toMatch(/^HTTP\/1\.1 40[04] /);
    }
    const range = await app.request('GET', '/docs/swagger-ui.css', { headers: { range: 'bytes=99999999-' } });
    expect(range.status).toBeLessThan(500);
  });

  it('does not harm the process', async () => {
    await raw(
      'PUT /settings/user HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"a"',
    );
    await raw('PUT /settings/user HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n');
    expect((await app.request('GET', '/health/live')).status).toBe(200);
  });
});
