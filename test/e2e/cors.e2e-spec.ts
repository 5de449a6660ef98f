import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { openApiDocument } from '../support/openapi-document.js';
import { exchange, RawConnection } from '../support/raw-connection.js';

const ORIGIN = 'https://app.example.com';
const lines: string[] = [];
const logged = () =>
  lines
    .map((line) => JSON.parse(line) as { context?: string; msg?: string })
    .filter(({ context }) => context === 'Cors');

let app: TestApp;

describe('without CORS_ORIGINS', () => {
  beforeAll(async () => {
    app = await TestApp.start({ LOG_LEVEL: 'warn' }, undefined, { write: (line: string) => void lines.push(line) });
  });

  it('no origin may read the replies, and the log says so once for each', async () => {
    const names = [ORIGIN, 'null', 'http://localhost:5173', ORIGIN, ORIGIN, 'null'];
    for (const origin of names) {
      const answer = await app.request('GET', '/', { headers: { origin } });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const preflight = { origin: ORIGIN, 'access-control-request-method': 'PUT' };
    expect((await app.request('OPTIONS', '/settings/user', { headers: preflight })).status).toBe(404);
    await expect.poll(() => logged().length).toBe(3);
    expect(logged().map(({ msg }) => msg)).toStrictEqual(
      [ORIGIN, 'null', 'http://localhost:5173'].map(
        (origin) => `Browsers keep our replies from pages of ${origin}: CORS_ORIGINS does not name it`,
      ),
    );
  });

  it('nothing is logged of our own page, nor of what is no origin', async () => {
    const before = logged().length;
    await app.request('GET', '/', { headers: { origin: app.url } });
    for (const origin of ['', 'x', 'https://a b', 'https://x.example/path', `https://${'x'.repeat(300)}`]) {
      await app.request('GET', '/', { headers: { origin } });
    }
    await app.request('GET', '/', { headers: { origin: 'https://last.example' } });
    await expect.poll(() => logged().length).toBe(before + 1);
  });

  it('a flood of origins is no flood of lines', async () => {
    for (let n = 0; n < 150; n++) await app.request('GET', '/', { headers: { origin: `https://x${n}.example` } });
    await expect.poll(() => logged().length).toBe(100);
    await app.request('GET', '/', { headers: { origin: 'https://one-more.example' } });
    await app.close();
    expect(logged().length).toBe(100);
  });
});

describe('with CORS_ORIGINS', () => {
  beforeAll(async () => {
    app = await TestApp.start({ CORS_ORIGINS: `${ORIGIN}, https://b.example.com` });
  });
  afterAll(() => app.close());

  it('those origins may read the replies, and no others', async () => {
    for (const [origin, allowed] of [
      [ORIGIN, ORIGIN],
      ['https://b.example.com', 'https://b.example.com'],
      ['https://evil.example.com', undefined],
    ] as const) {
      for (const path of ['/', '/settings/user', '/nothing', '/openapi.json']) {
        const answer = await app.request('GET', path, { headers: { origin } });
        expect(answer.headers['access-control-allow-origin'], path).toBe(allowed);
        expect(answer.headers['vary'], path).toContain('Origin');
      }
    }
  });

  it('they may read every header that the document names', async () => {
    const document = openApiDocument<{
      paths: Record<string, Record<string, { responses: Record<string, { headers?: object }> }>>;
    }>();
    const operations = Object.values(document.paths).flatMap((verbs) => Object.values(verbs));
    const replies = operations.flatMap(({ responses }) => Object.values(responses));
    const named = new Set(replies.flatMap(({ headers = {} }) => Object.keys(headers)));
    const answer = await app.request('GET', '/', { headers: { origin: ORIGIN } });
    const exposed = String(answer.headers['access-control-expose-headers']).split(', ');
    expect(exposed).toEqual(expect.arrayContaining([...named]));
    expect(named).toContain('X-Error-Code');
  });

  it.each(['/settings/user', '/settings/organization', '/organization/x', '/systemevent', '/nothing', '/'])(
    'a preflight for %s is answered without a token',
    async (path) => {
      const answer = await app.request('OPTIONS', path, {
        headers: {
          origin: ORIGIN,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'if-match,change-reason,content-type,authorization',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'if-match,change-reason,content-type,authorization',
        'access-control-max-age': '7200',
      });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('an OPTIONS that is no preflight is a 404 in the envelope', async () => {
    const incomplete: Record<string, string>[] = [{}, { origin: ORIGIN }, { 'access-control-request-method': 'PUT' }];
    for (const headers of incomplete) {
      const answer = await app.request('OPTIONS', '/settings/user', { headers });
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'Not found' });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('a preflight keeps the rules of HTTP like any other request', async () => {
    const preflight = `Origin: ${ORIGIN}\r\nAccess-Control-Request-Method: PUT\r\n`;
    for (const [hosts, error] of [
      ['', 'the Host header is missing'],
      ['Host: x\r\nHost: y\r\n', 'there is more than one Host header'],
    ]) {
      const reply = await exchange(app.url, `OPTIONS /settings/user HTTP/1.1\r\n${hosts}${preflight}\r\n`);
      expect(reply).toMatchObject({ status: 400, headers: { 'x-error-code': 'MALFORMED_REQUEST' } });
      expect(JSON.parse(reply!.body)).toMatchObject({ success: false, error });
    }
    const head = `OPTIONS /settings/user HTTP/1.1\r\nHost: x\r\n${preflight}`;
    expect(await exchange(app.url, `${head}\r\n`)).toMatchObject({ status: 204 });
    expect(await exchange(app.url, `${head}Transfer-Encoding: gzip\r\n\r\n`)).toMatchObject({ status: 400 });
  });

  it('a preflight that brings a body is the last request of its connection', async () => {
    const connection = await RawConnection.open(app.url);
    connection.send(
      `OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nAccess-Control-Request-Method: PUT\r\nContent-Length: 9000000\r\n\r\n{`,
    );
    expect(await connection.reply()).toMatchObject({ status: 204, headers: { connection: 'close' } });
    expect(await connection.lifetime(10_000)).toBeLessThan(10_000);
  });

  it('a refusal at the head can be read, too', async () => {
    const { owner } = await anOrganization(app.dataSource);
    const options = { body: { a: 1 }, headers: { origin: ORIGIN } };
    const answer = await app.request('PUT', '/settings/user', options);
    expect(answer.status).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect((await app.request('PUT', '/settings/user', { as: owner, ...options })).status).toBe(200);
  });
});
