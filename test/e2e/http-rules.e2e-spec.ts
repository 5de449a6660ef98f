import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { exchange } from '../support/raw-connection.js';

let app: TestApp;
let organization: TestOrganization;
let token: string;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
  token = `Authorization: Bearer ${app.tokenFor(organization.owner, 600)}`;
});
afterAll(() => app.close());

const UUID = /^[0-9a-f-]{36}$/;

describe('Host (RFC 9112 §3.2)', () => {
  it.each([
    ['is missing', [], 'the Host header is missing'],
    ['is there twice', ['Host: x', 'Host: x'], 'there is more than one Host header'],
    ['is there twice in other letters', ['host: x', 'HOST: y'], 'there is more than one Host header'],
    ['is a list', ['Host: x, y'], 'the Host header is not a host'],
    ['has a path', ['Host: x/y'], 'the Host header is not a host'],
  ])('%s: 400', async (_, hosts, error) => {
    for (const path of ['/settings/user', '/health/live', '/nothing', '/docs']) {
      const reply = await exchange(app.url, [`GET ${path} HTTP/1.1`, ...hosts, token, '', ''].join('\r\n'));
      expect(reply, path).toMatchObject({ status: 400 });
      expect(reply!.headers['x-request-id']).toMatch(UUID);
      expect(reply!.headers['x-error-code']).toBe('MALFORMED_REQUEST');
      expect(JSON.parse(reply!.body)).toStrictEqual({ success: false, message: expect.any(String) as string, error });
    }
    const profile = `GET /organization/${organization.id} HTTP/1.1`;
    const reply = await exchange(app.url, [profile, ...hosts, token, '', ''].join('\r\n'));
    expect(JSON.parse(reply!.body)).toStrictEqual({ success: false, data: null, message: error });
  });

  it.each(['x', 'x:3000', '127.0.0.1:3000', '[::1]:3000', 'xn--bcher-kva.example', '_service.example', ''])(
    '%s is one',
    async (host) => {
      const reply = await exchange(app.url, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(reply).toMatchObject({ status: 200 });
    },
  );

  it('is not asked of HTTP/1.0', async () => {
    expect(await exchange(app.url, 'GET /health/live HTTP/1.0\r\n\r\n')).toMatchObject({ status: 200 });
    const twice = await exchange(app.url, 'GET /health/live HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n');
    expect(twice).toMatchObject({ status: 400 });
  });
});

describe('codings', () => {
  const put = (...headers: string[]) =>
    exchange(
      app.url,
      ['PUT /settings/user HTTP/1.1', 'Host: x', token, 'Content-Type: application/json', ...headers, '', ''].join(
        '\r\n',
      ),
    );

  it.each(['gzip, chunked', 'GZIP,chunked', 'chunked, chunked', 'deflate, chunked', 'chunked;a=b'])(
    'a body in the transfer coding %s is not read',
    async (coding) => {
      const reply = await put(`Transfer-Encoding: ${coding}`, '', '2\r\n{}\r\n0\r\n');
      expect(reply).toMatchObject({ status: 400 });
      expect(reply!.headers['x-error-code']).toBe('MALFORMED_REQUEST');
    },
  );

  it('nor in two headers', async () => {
    const reply = await put('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked', '', '2\r\n{}\r\n0\r\n');
    expect(reply).toMatchObject({ status: 400 });
  });

  it.each(['chunked', 'Chunked', 'CHUNKED '])('the transfer coding %j is known', async (coding) => {
    expect(await put(`Transfer-Encoding: ${coding}`, '', '2\r\n{}\r\n0\r\n')).toMatchObject({ status: 200 });
  });

  it.each(['identity', 'Identity', 'IDENTITY', ' identity , Identity', ''])(
    'the content coding %j changes nothing',
    async (coding) => {
      expect(await put(`Content-Encoding: ${coding}`, 'Content-Length: 2', '', '{}')).toMatchObject({ status: 200 });
    },
  );

  it.each(['gzip', 'identity, gzip', 'br', 'identityx'])('the content coding %j is not known', async (coding) => {
    expect(await put(`Content-Encoding: ${coding}`, 'Content-Length: 2', '', '{}')).toMatchObject({ status: 415 });
  });
});

describe('no content has no media type', () => {
  const types = [
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/octet-stream',
    'application/json; charset=utf-16',
    'garbage',
    '*/*',
  ];

  it.each(types)('%s, on a route without a body', async (type) => {
    const as = organization.administrator;
    await app.request('PUT', '/settings/organization', { as, body: { [type]: Math.random() } });
    for (const path of ['/settings/organization', '/settings/user']) {
      if (path === '/settings/user') await app.request('PUT', path, { as, body: { [type]: Math.random() } });
      for (const framing of ['content-length', 'transfer-encoding']) {
        const headers = { 'content-type': type, [framing]: framing === 'content-length' ? '0' : 'chunked' };
        const answer = await app.request('POST', `${path}/versions/1/restore`, { as, headers });
        expect(answer.status, `${path} ${JSON.stringify(headers)}`).toBe(200);
      }
    }
  });

  it.each(types)('%s, on a route with one: what is missing is the body', async (type) => {
    const headers = { 'content-type': type, 'content-length': '0' };
    for (const [method, path] of [
      ['POST', '/settings/user'],
      ['PUT', '/settings/user'],
      ['PATCH', '/settings/user'],
      ['DELETE', '/settings/user'],
      ['PUT', `/organization/${organization.id}`],
      ['POST', '/systemevent'],
      ['POST', '/systemevent/read'],
      ['DELETE', '/systemevent/read'],
    ] as const) {
      const answer = await app.request(method, path, { as: organization.owner, headers });
      expect(answer.status, `${method} ${path}`).toBe(400);
    }
  });

  it('nor has a chunked body without one', async () => {
    const as = organization.administrator;
    await app.request('PUT', '/settings/user', { as, body: { some: Math.random() } });
    for (const [method, path, status] of [
      ['POST', '/settings/user/versions/1/restore', 200],
      ['PUT', '/settings/user', 400],
    ] as const) {
      const headers = [`Authorization: Bearer ${app.tokenFor(as)}`, 'Host: x', 'Transfer-Encoding: chunked'];
      const head = [`${method} ${path} HTTP/1.1`, ...headers, '', ''].join('\r\n');
      expect(await exchange(app.url, `${head}0\r\n\r\n`), path).toMatchObject({ status });
    }
  });

  it('and what stands in no contract is not read at all', async () => {
    const body = { body: 'a=1', headers: { 'content-type': 'text/plain' } };
    expect((await app.request('GET', '/health/live', { as: organization.owner })).status).toBe(200);
    expect((await app.request('POST', '/nothing', { as: organization.owner, ...body })).status).toBe(404);
    const head = 'GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=1';
    expect(await exchange(app.url, head)).toMatchObject({ status: 200 });
  });

  it('but content has one', async () => {
    for (const path of ['/settings/user', '/settings/user/versions/1/restore']) {
      for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': '' }]) {
        const answer = await app.request('POST', path, { as: organization.owner, body: 'a=1', headers });
        expect(answer.status, path).toBe(415);
      }
    }
  });
});

describe('what is no path', () => {
  it.each(['GET *', 'OPTIONS *', 'PUT *', 'CONNECT example.com:443', 'CONNECT :443'])(
    '%s is answered in the envelope',
    async (target) => {
      const reply = await exchange(app.url, `${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect(reply).toMatchObject({ status: 404, body: '{"success":false,"message":"Not found"}' });
      expect(reply!.headers['x-request-id']).toMatch(UUID);
      expect(reply!.headers['x-error-code']).toBe('ROUTE_NOT_FOUND');
    },
  );
});

describe('X-Error-Code', () => {
  it.each([
    ['UNAUTHORIZED', 'GET', '/settings/user', {}],
    ['ROUTE_NOT_FOUND', 'GET', '/nothing', {}],
    ['INVALID_INPUT', 'PUT', '/settings/user', { body: [] }],
    ['MALFORMED_JSON', 'PUT', '/settings/user', { body: '{' }],
    ['KEYS_REQUIRED', 'DELETE', '/settings/user', { body: {} }],
    ['PAYLOAD_TOO_LARGE', 'PUT', '/settings/user', { body: Buffer.alloc(2_000_000, 'x') }],
    ['UNSUPPORTED_MEDIA_TYPE', 'PUT', '/settings/user', { body: 'a', headers: { 'content-type': 'text/plain' } }],
    ['PRECONDITION_FAILED', 'PUT', '/settings/user', { body: { a: 1 }, headers: { 'if-match': '"99"' } }],
    ['VERSION_NOT_FOUND', 'GET', '/settings/user/versions/99', {}],
    ['ORGANIZATION_NOT_FOUND', 'GET', '/organization/nothing', {}],
    ['EVENT_NOT_FOUND', 'POST', '/systemevent/read', { body: { id: 1 } }],
  ])('is %s', async (code, method, path, options) => {
    const as = code === 'UNAUTHORIZED' ? {} : { as: organization.owner };
    const answer = await app.request(method, path, { ...as, ...options });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['x-error-code']).toBe(code);
  });

  it('is on no reply to what succeeded', async () => {
    const answer = await app.request('GET', '/settings/user', { as: organization.owner });
    expect(answer.headers['x-error-code']).toBeUndefined();
  });

  it('is on what is hardly HTTP, too', async () => {
    const garbage = await exchange(app.url, 'GARBAGE\r\n\r\n');
    expect(garbage!.headers['x-error-code']).toBe('MALFORMED_REQUEST');
    expect(garbage!.headers['cache-control']).toBe('private, no-cache');
    const long = await exchange(app.url, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`);
    expect(long!.headers['x-error-code']).toBe('HEADERS_TOO_LARGE');
  });
});
