import { afterEach, describe, expect, it } from 'vitest';
import { FlashbackClient, FlashbackError, type FlashbackErrorCode } from '../src/index.js';
import { aClosedPort, answer, AServer, breakOff, hangUp, rejectionOf, silence } from './a-server.js';

/** Every way to fail that the service itself does not show. Nothing is retried here. */

let server: AServer;
afterEach(() => server.close());

const clientOf = (baseUrl = server.url) => new FlashbackClient({ accessToken: 'token', baseUrl, retries: 0 });

describe('a reply that is no success', () => {
  it.each<[number, FlashbackErrorCode]>([
    [400, 'invalid'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [412, 'precondition_failed'],
    [413, 'too_large'],
    [415, 'unsupported_media_type'],
    [418, 'invalid'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [507, 'server_error'],
  ])('%i is %s', async (status, code) => {
    const body = { success: false, message: 'In the words of the service', error: 'in detail' };
    server = await AServer.start(answer(status, body, { 'x-request-id': 'abc' }));
    const error = await rejectionOf(clientOf().settings.user.get());
    expect(error).toBeInstanceOf(FlashbackError);
    expect(error).toMatchObject({ code, status, body, message: body.message, error: 'in detail', requestId: 'abc' });
  });

  it('has a message also without JSON, as from a proxy', async () => {
    server = await AServer.start(answer(502, '<h1>Bad gateway</h1>', { 'content-type': 'text/html' }));
    expect(await rejectionOf(clientOf().settings.user.get())).toMatchObject({
      code: 'unavailable',
      message: `GET ${server.url}/settings/user was answered with status 502`,
      body: '<h1>Bad gateway</h1>',
    });
  });

  it.each(['null', '[]', '"text"', '{"message":7}', ''])('has one also with the body %s', async (body) => {
    server = await AServer.start(answer(500, body));
    const error = await rejectionOf(clientOf().settings.user.get());
    expect(error).toMatchObject({ code: 'server_error', message: expect.stringContaining('status 500') as string });
  });

  it('can tell when to come back', async () => {
    server = await AServer.start(answer(429, {}, { 'retry-after': '90' }));
    expect(await rejectionOf(clientOf().settings.user.get())).toMatchObject({ retryAfterMs: 90_000 });
  });
});

describe('what policies say', () => {
  const VIOLATION = { pointer: '/größe', rule: 'pattern', message: 'must match pattern "^[0-9]+GB$"', by: 'system' };
  const inAscii = JSON.stringify([VIOLATION]).replace('ö', '\\u00f6').replace('ß', '\\u00df');

  it.each([
    [400, 'invalid', inAscii, [VIOLATION]],
    [403, 'forbidden', inAscii, [VIOLATION]],
    [400, 'invalid', '[{"pointer":', undefined],
    [400, 'invalid', undefined, undefined],
  ])('of a refusal (%i %s) is in violations: %s', async (status, code, header, violations) => {
    server = await AServer.start(answer(status, {}, header === undefined ? {} : { 'settings-violations': header }));
    expect(await rejectionOf(clientOf().settings.user.partialUpdate({}))).toMatchObject({ code, violations });
  });

  it('of a change is its warning, where there is one', async () => {
    server = await AServer.start(
      answer(200, { success: true }, { etag: '"7-hG3kQ0xW"', 'settings-warning': '2 violations' }),
      answer(200, { success: true }, { etag: '"8-hG3kQ0xW"' }),
    );
    const { user } = clientOf().settings;
    expect(await user.partialUpdate({})).toStrictEqual({ success: true, version: 7, warning: '2 violations' });
    expect(await user.partialUpdate({})).toStrictEqual({ success: true, version: 8 });
  });
});

describe('the version', () => {
  it.each([
    ['"7-hG3kQ0xW"', 7],
    ['W/"7-hG3kQ0xW"', 7],
    ['"7-hG3kQ0xW-gzip"', 7],
    ['"0-hG3kQ0xW"', 0],
    ['"hG3kQ0xW"', undefined],
    ['"7"x', undefined],
    [undefined, undefined],
  ])('in the ETag %s is %s', async (etag, version) => {
    const headers = etag === undefined ? undefined : { etag };
    server = await AServer.start(answer(200, { success: true }, headers), answer(412, {}, headers));
    const read = await clientOf().settings.user.get();
    expect(read).toStrictEqual({ success: true, ...(version !== undefined && { version }) });
    const error = await rejectionOf(clientOf().settings.user.partialUpdate({}, { ifVersion: 1 }));
    expect(error).toMatchObject({ code: 'precondition_failed', currentVersion: version });
  });

  it.each([
    ['3f1c1c0e', '3f1c1c0e'],
    ["UTF-8''Zo%C3%AB", 'Zoë'],
    ["utf-8'en'a%20b", 'a b'],
    ["UTF-8''%zz", undefined],
    [undefined, undefined],
  ])('was made by whom %s names', async (by, id) => {
    const at = '2026-11-21T12:00:00.000Z';
    const headers: Record<string, string> =
      by === undefined ? {} : { 'current-version-by': by, 'current-version-at': at };
    server = await AServer.start(answer(412, {}, headers));
    const error = await rejectionOf(clientOf().settings.user.partialUpdate({}, { ifVersion: 1 }));
    expect(error).toMatchObject({ currentVersionBy: id, currentVersionAt: by === undefined ? undefined : at });
  });

  it('of another refusal is none', async () => {
    server = await AServer.start(answer(404, {}, { etag: '"7-hG3kQ0xW"' }));
    expect(await rejectionOf(clientOf().settings.user.get())).toMatchObject({ currentVersion: undefined });
  });

  it.each([undefined, NaN, -1, 1.5, '7' as unknown as number])(
    'that is %s is none to write in, and nothing is sent',
    async (ifVersion) => {
      server = await AServer.start(answer(200));
      expect(await rejectionOf(clientOf().settings.user.partialUpdate({}, { ifVersion }))).toBeInstanceOf(TypeError);
      expect(server.received).toHaveLength(0);
    },
  );
});

describe('a success that cannot be one', () => {
  it.each(['<h1>Welcome</h1>', '', '{"success":true', 'null', '7'])('is malformed: %s', async (body) => {
    server = await AServer.start(answer(200, body));
    const error = await rejectionOf(clientOf().settings.user.update({ settings: {} }));
    expect(error).toMatchObject({ code: 'malformed_reply', status: 200 });
  });

  it('is one without a body for HEAD and 204', async () => {
    server = await AServer.start(answer(200), (response) => response.writeHead(204).end());
    expect(await clientOf().makeRequest('health', 'HEAD')).toBeUndefined();
    expect(await clientOf().makeRequest('anything', 'PATCH', {})).toBeUndefined();
  });

  it.each([301, 302, 303, 307, 308])('is no redirect (%i), which may make a read of a write', async (status) => {
    server = await AServer.start(answer(status, {}, { location: '/elsewhere' }), answer(200));
    const error = await rejectionOf(clientOf().settings.user.update({ settings: {} }));
    expect(error).toMatchObject({ code: 'malformed_reply', status });
    expect(server.received).toHaveLength(1);
  });
});

describe('no reply', () => {
  it('is unreachable when nobody listens', async () => {
    server = await AServer.start();
    const url = `http://127.0.0.1:${await aClosedPort()}`;
    const error = await rejectionOf(clientOf(url).settings.user.get());
    expect(error).toMatchObject({
      code: 'unreachable',
      status: undefined,
      message: `GET ${url}/settings/user got no reply: connect ECONNREFUSED ${url.slice('http://'.length)}`,
      cause: { cause: { code: 'ECONNREFUSED' } },
    });
  });

  it.each([
    ['at once', hangUp],
    ['in the middle of a reply', breakOff],
  ])('is unreachable when the connection is cut %s', async (_, handler) => {
    server = await AServer.start(handler);
    const error = await rejectionOf(clientOf().settings.user.get());
    expect(error).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('/settings/user got no reply: ') as string,
    });
    expect((error as FlashbackError).cause).toBeInstanceOf(Error);
  });

  it.each([
    ['the head', silence],
    ['the body', ((response) => void response.writeHead(200).write('{')) satisfies Parameters<typeof AServer.start>[0]],
  ])('in time is timed out, waiting for %s', async (_, handler) => {
    server = await AServer.start(handler);
    const error = await rejectionOf(clientOf().settings.user.partialUpdate({}, { timeoutMs: 50 }));
    expect(error).toMatchObject({
      code: 'timed_out',
      // An attempt has what is left of the time.
      message: expect.stringMatching(`^PUT ${server.url}/settings/user took longer than (4\\d|50) ms$`) as string,
    });
  });

  it('in time is timed out also while the token is awaited', async () => {
    server = await AServer.start(answer(200));
    const never = () => new Promise<string>(() => undefined);
    const client = new FlashbackClient({ accessToken: never, baseUrl: server.url, timeoutMs: 50 });
    expect(await rejectionOf(client.settings.user.get())).toMatchObject({ code: 'timed_out' });
  });

  it('in any time can be waited for', async () => {
    server = await AServer.start((response) => setTimeout(() => answer(200)(response, response.req), 50));
    expect(await clientOf().settings.user.partialUpdate({}, { timeoutMs: Infinity })).toMatchObject({ success: true });
  });
});

describe('a signal', () => {
  it('ends the call at once, with its reason as the cause', async () => {
    server = await AServer.start(silence);
    const controller = new AbortController();
    const call = clientOf().settings.user.get({ signal: controller.signal });
    setTimeout(() => controller.abort('changed my mind'), 20);
    const error = await rejectionOf(call);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', cause: 'changed my mind' });
    expect(error).toBeInstanceOf(FlashbackError);
  });

  it('can end many calls, and nobody warns of them', async () => {
    server = await AServer.start(silence);
    const warnings: Error[] = [];
    const remember = (warning: Error) => void warnings.push(warning);
    process.on('warning', remember);
    const controller = new AbortController();
    const calls = Array.from({ length: 30 }, () => clientOf().settings.user.get({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    for (const error of await Promise.all(calls.map(rejectionOf))) expect(error).toMatchObject({ code: 'aborted' });
    process.off('warning', remember);
    expect(warnings).toStrictEqual([]);
  });

  it('that is aborted already sends nothing', async () => {
    server = await AServer.start(answer(200));
    const error = await rejectionOf(clientOf().settings.user.get({ signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', cause: { name: 'AbortError' } });
    expect(server.received).toHaveLength(0);
  });

  it('that times out is a time-out', async () => {
    server = await AServer.start(silence);
    const error = await rejectionOf(clientOf().settings.user.get({ signal: AbortSignal.timeout(30) }));
    expect(error).toMatchObject({ name: 'FlashbackError', code: 'timed_out', cause: { name: 'TimeoutError' } });
  });

  it('ends the call also where fetch takes no notice of it', async () => {
    server = await AServer.start();
    const deaf = () => new Promise<Response>(() => undefined);
    const client = new FlashbackClient({ accessToken: 'token', baseUrl: server.url, fetch: deaf });
    const error = await rejectionOf(client.settings.user.get({ signal: AbortSignal.timeout(30) }));
    expect(error).toMatchObject({ code: 'timed_out' });
  });
});
