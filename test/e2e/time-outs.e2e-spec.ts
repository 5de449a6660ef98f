import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { RawConnection, type RawReply } from '../support/raw-connection.js';

/** What is promised, in milliseconds, and how much later it may be noticed on a busy machine. */
const LIMIT_MS = 30_000;
const SLACK_MS = 8_000;
const WAIT_MS = LIMIT_MS + SLACK_MS + 2_000;

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({ RATE_LIMIT_ADDRESS_PER_MINUTE: '0' });
});
afterAll(() => app.close());

/** Sends a text, then a piece every so often, and tells what came back and when the connection ended. */
async function drip(text: string, piece: string, everyMs: number): Promise<[RawReply | undefined, number | undefined]> {
  const connection = await RawConnection.open(app.url);
  connection.send(text);
  const timer = setInterval(() => connection.send(piece), everyMs);
  const lifetime = await connection.lifetime(WAIT_MS);
  clearInterval(timer);
  connection.close();
  return [await connection.reply(0), lifetime];
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe.concurrent('after half a minute', { timeout: 2 * WAIT_MS }, () => {
  it.each([
    ['nothing', '', ''],
    ['a head that stalls', 'PUT /settings/user HTTP/1.1\r\nHost: x\r\n', ''],
    ['a head that drips', 'GET /settings/user HTTP/1.1\r\n', 'X: y\r\n'],
    ['a second head that stalls', `${get('/health/live')}GET /health/live HTTP/1.1\r\nHo`, ''],
  ])('%s ends the connection', async (_, text, piece) => {
    const [reply, lifetime] = await drip(text, piece, 1_000);
    expect(lifetime).toBeGreaterThan(LIMIT_MS - 1_000);
    expect(lifetime).toBeLessThan(LIMIT_MS + SLACK_MS);
    if (text === '') return;
    const isFirst = !text.startsWith(get('/health/live'));
    expect(reply).toMatchObject(
      isFirst ? { status: 408, headers: { 'x-error-code': 'REQUEST_TIMEOUT' } } : { status: 200 },
    );
  });

  it.each([
    ['Content-Length: 100000', ''],
    ['Content-Length: 100000', ' '],
    ['Transfer-Encoding: chunked', '1\r\n \r\n'],
  ])('a body that does not get on ends it (%s, %j)', async (framing, piece) => {
    const { owner } = await anOrganization(app.dataSource);
    const head = [
      'PUT /settings/user HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      `Authorization: Bearer ${app.tokenFor(owner, 600)}`,
      framing,
    ];
    const [reply, lifetime] = await drip(`${head.join('\r\n')}\r\n\r\n`, piece, 1_000);
    expect(reply).toMatchObject({ status: 408 });
    expect(lifetime).toBeGreaterThan(LIMIT_MS - 1_000);
    expect(lifetime).toBeLessThan(LIMIT_MS + SLACK_MS);
  });

  it('a body is stored as little as it was answered: what comes after the 408 counts for nothing', async () => {
    const { owner } = await anOrganization(app.dataSource);
    const connection = await RawConnection.open(app.url);
    const token = `Authorization: Bearer ${app.tokenFor(owner, 600)}\r\n`;
    connection.send(
      `PUT /settings/user HTTP/1.1\r\nHost: x\r\n${token}Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":`,
    );
    expect(await connection.reply(WAIT_MS)).toMatchObject({ status: 408 });
    connection.send('1}');
    await connection.lifetime(5_000);
    const { body } = await app.request('GET', '/settings/user', { as: owner });
    expect(body).toStrictEqual({ success: true, settings: {} });
  });

  it.each([
    ['is silent', 0],
    ['sends more requests', 1],
  ])('who takes no reply is cut off, also who %s', async (_, more) => {
    const service = await TestApp.start({ RATE_LIMIT_ADDRESS_PER_MINUTE: '0' });
    const inFlight = async () =>
      Number(/^http_requests_in_flight (\d+)$/m.exec((await service.request('GET', '/metrics')).text)?.[1]);
    await service.request('GET', '/docs/swagger-ui-bundle.js');
    const connection = await RawConnection.open(service.url);
    connection.socket.pause();
    connection.send(get('/docs/swagger-ui-bundle.js').repeat(20));
    await expect.poll(inFlight).toBe(2);
    const timer = setInterval(() => connection.send(get('/health/live').repeat(more)), 3_000);
    await expect.poll(inFlight, { timeout: WAIT_MS, interval: 500 }).toBe(1);
    clearInterval(timer);
    expect(performance.now() - connection.openedAt).toBeGreaterThan(LIMIT_MS - 1_000);
    expect(performance.now() - connection.openedAt).toBeLessThan(LIMIT_MS + SLACK_MS);
    connection.close();
    await service.close();
  });
});
