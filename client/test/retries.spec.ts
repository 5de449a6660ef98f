import { afterEach, describe, expect, it, vi } from 'vitest';
import { FlashbackClient, type FlashbackClientOptions } from '../src/index.js';
import { readRetryAfter } from '../src/retry.js';
import { aClosedPort, answer, AServer, breakOff, hangUp, rejectionOf, silence } from './a-server.js';

let server: AServer;
afterEach(() => {
  vi.restoreAllMocks();
  return server.close();
});

const clientOf = (options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({ accessToken: 'token', ...options, baseUrl: options.baseUrl ?? server.url });
const read = (options?: Partial<FlashbackClientOptions>) => clientOf(options).settings.user.get();
const write = (options?: Partial<FlashbackClientOptions>) => clientOf(options).settings.user.partialUpdate({ a: 1 });

describe('a read is repeated', () => {
  it.each([
    ['429', answer(429)],
    ['500', answer(500)],
    ['502', answer(502)],
    ['503', answer(503)],
    ['504', answer(504)],
    ['a cut connection', hangUp],
    ['a reply that breaks off', breakOff],
  ])('after %s', async (_, failure) => {
    server = await AServer.start(failure, failure, answer(200));
    expect(await read()).toStrictEqual({ success: true });
    expect(server.received).toHaveLength(3);
  });

  it('after an attempt that takes too long', async () => {
    server = await AServer.start(silence, answer(200));
    expect(await read({ attemptTimeoutMs: 50 })).toStrictEqual({ success: true });
  });

  it('as often as it may', async () => {
    server = await AServer.start(answer(503));
    expect(await rejectionOf(read({ retries: 1 }))).toMatchObject({ code: 'unavailable' });
    expect(server.received).toHaveLength(2);
  });

  it('within the time of the call', async () => {
    server = await AServer.start(silence);
    const start = performance.now();
    expect(await rejectionOf(read({ attemptTimeoutMs: 60, timeoutMs: 100, retries: 50 }))).toMatchObject({
      code: 'timed_out',
    });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it.each([400, 401, 403, 404, 412, 413])('not after %i', async (status) => {
    server = await AServer.start(answer(status));
    expect(await rejectionOf(read())).toMatchObject({ status });
    expect(server.received).toHaveLength(1);
  });
});

describe('a write is repeated', () => {
  it.each([429, 503])('after %i, the same', async (status) => {
    server = await AServer.start(answer(status), answer(200));
    expect(await write()).toStrictEqual({ success: true });
    expect(server.received.map(({ method, body }) => `${method} ${body}`)).toStrictEqual([
      'PUT {"a":1}',
      'PUT {"a":1}',
    ]);
  });

  it('after a refused connection', async () => {
    server = await AServer.start(answer(200));
    const port = await aClosedPort();
    await server.close();
    let attempts = 0;
    const fetchOnceTheServerIsUp: typeof fetch = (...request) =>
      fetch(...request).finally(async () => {
        if (++attempts === 1) await server.listen(port);
      });
    const baseUrl = `http://127.0.0.1:${port}`;
    expect(await write({ baseUrl, fetch: fetchOnceTheServerIsUp })).toStrictEqual({ success: true });
    expect(attempts).toBe(2);
  });

  it.each([
    ['500', answer(500)],
    ['502', answer(502)],
    ['504', answer(504)],
    ['a cut connection', hangUp],
    ['a reply that breaks off', breakOff],
  ])('not after %s: it may have been applied', async (_, failure) => {
    server = await AServer.start(failure);
    await rejectionOf(write());
    expect(server.received).toHaveLength(1);
  });

  it('not after a time-out, and has the time of the whole call, which the error names', async () => {
    const start = performance.now();
    // The process is held up for 50 ms between the call and its attempt.
    vi.spyOn(performance, 'now')
      .mockReturnValueOnce(start)
      .mockReturnValueOnce(start + 50);
    server = await AServer.start(silence);
    expect(await rejectionOf(write({ attemptTimeoutMs: 10, timeoutMs: 100 }))).toMatchObject({
      code: 'timed_out',
      message: expect.stringContaining('100 ms') as string,
    });
    expect(server.received).toHaveLength(1);
  });
});

describe('a write of one version is repeated', () => {
  const change = (options?: Partial<FlashbackClientOptions>) =>
    clientOf(options).settings.user.partialUpdate({ a: 1 }, { ifVersion: 6 });
  const refusal: ReturnType<typeof answer> = (response, request) =>
    answer(
      412,
      {},
      { etag: '"7-hG3kQ0xW"', 'x-request-id': String(request.headers['x-request-id']) },
    )(response, request);
  const history = (requestId: unknown) =>
    answer(200, { success: true, versions: [{ version: 7, requestId }], next: null });

  it.each([
    ['500', answer(500)],
    ['a cut connection', hangUp],
    ['a reply that breaks off', breakOff],
  ])('after %s, the same', async (_, failure) => {
    server = await AServer.start(failure, answer(200, { success: true }, { etag: '"7-hG3kQ0xW"' }));
    expect(await change()).toStrictEqual({ success: true, version: 7 });
    const [first, second] = server.received;
    expect(first?.headers).toMatchObject({
      'if-match': '"6"',
      'x-request-id': expect.stringMatching(/^[\w-]{9,}$/) as string,
    });
    expect(second).toStrictEqual(first);
  });

  it('after an attempt that takes too long', async () => {
    server = await AServer.start(silence, answer(200));
    expect(await change({ attemptTimeoutMs: 50 })).toStrictEqual({ success: true });
  });

  it('with an id that no other call has', async () => {
    server = await AServer.start(answer(200));
    await change();
    await change();
    expect(new Set(server.received.map(({ headers }) => headers['x-request-id'])).size).toBe(2);
  });

  it('and asks the history who was faster', async () => {
    server = await AServer.start(hangUp, refusal, (response) =>
      history(server.received[0]?.headers['x-request-id'])(response, response.req),
    );
    expect(await change()).toMatchObject({ success: true, version: 7 });
    expect(server.received[2]).toMatchObject({ method: 'GET', url: '/settings/user/versions?limit=1&before=8' });
  });

  it.each([
    ['somebody else', history('of somebody else')],
    ['nobody knows who', history(null)],
    ['nobody, so far', answer(200, { success: true, versions: [], next: null })],
  ])('and is refused when it was %s', async (_, handler) => {
    server = await AServer.start(hangUp, refusal, handler);
    expect(await rejectionOf(change())).toMatchObject({ code: 'precondition_failed', currentVersion: 7 });
  });

  it('and is refused without a question when no attempt may have been applied', async () => {
    server = await AServer.start(answer(503), refusal);
    expect(await rejectionOf(change())).toMatchObject({ code: 'precondition_failed' });
    expect(server.received).toHaveLength(2);
  });

  it.each([
    ['the history does not tell', [refusal, answer(404)]],
    ['the history makes no sense', [refusal, answer(200)]],
    ['a proxy gives requests ids of its own', [answer(412, {}, { 'x-request-id': 'own' }), history('own')]],
    ['it is refused for another reason', [answer(401)]],
    ['it is too often', [answer(429)]],
  ])('and fails with what leaves it open when %s', async (_, handlers) => {
    server = await AServer.start(hangUp, ...handlers);
    expect(await rejectionOf(change({ retries: 1 }))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('PUT') as string,
    });
  });
});

describe('also repeated', () => {
  it.each<[string, (client: FlashbackClient) => Promise<unknown>]>([
    ['a dry run', ({ settings }) => settings.user.update({ settings: {} }, { dryRun: true })],
    ['a query of events', ({ systemEvents }) => systemEvents.query({ skip: 0, take: 1 })],
    ['a mark on events', ({ systemEvents }) => systemEvents.markRead([1])],
    ['its removal', ({ systemEvents }) => systemEvents.markUnread([1])],
  ])('is %s', async (_, call) => {
    server = await AServer.start(hangUp, answer(200));
    expect(await call(clientOf())).toStrictEqual({ success: true });
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '1', 1000],
    ['a date', () => new Date(Date.now() + 2000).toUTCString(), 1000],
  ])('as %s is waited for', async (_, header, leastMs) => {
    server = await AServer.start(answer(503, {}, { 'retry-after': header() }), answer(200));
    const start = performance.now();
    expect(await write()).toStrictEqual({ success: true });
    expect(performance.now() - start).toBeGreaterThanOrEqual(leastMs);
  });

  it.each([
    ['the call has time for', '5', { timeoutMs: 1000 }],
    ['anybody should wait', '61', { timeoutMs: Infinity }],
  ])('that is longer than %s ends the call at once', async (_, seconds, options) => {
    server = await AServer.start(answer(429, { message: 'Too many requests' }, { 'retry-after': seconds }));
    const start = performance.now();
    expect(await rejectionOf(read(options))).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: Number(seconds) * 1000,
    });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('does not keep a signal waiting', async () => {
    server = await AServer.start(answer(503, {}, { 'retry-after': '10' }));
    const start = performance.now();
    const error = await rejectionOf(clientOf().settings.user.get({ signal: AbortSignal.timeout(100) }));
    expect(error).toMatchObject({ code: 'timed_out' });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(server.received).toHaveLength(1);
  });

  it.each([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(readRetryAfter(header)).toBe(ms);
  });
});

describe('the access token', () => {
  it('is asked for again at each attempt', async () => {
    server = await AServer.start(answer(503), answer(200));
    let calls = 0;
    await write({ accessToken: () => `token ${++calls}` });
    expect(server.received.map(({ headers }) => headers.authorization)).toStrictEqual([
      'Bearer token 1',
      'Bearer token 2',
    ]);
  });
});
