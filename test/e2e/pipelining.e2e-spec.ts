import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { RawConnection } from '../support/raw-connection.js';
import { TableLock } from '../support/table-lock.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start({ RATE_LIMIT_ADDRESS_PER_MINUTE: '0', RATE_LIMIT_PER_MINUTE: '0' });
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

async function metric(name: string): Promise<number> {
  const { text } = await app.request('GET', '/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe('requests that come before the reply to the one before', () => {
  it('are answered in their order', async () => {
    const connection = await RawConnection.open(app.url);
    const token = `Authorization: Bearer ${app.tokenFor(organization.owner)}\r\n`;
    const body = '{"theme":"dark"}';
    connection.send(
      [
        get('/settings/user', token),
        `PUT /settings/user HTTP/1.1\r\nHost: x\r\n${token}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        get('/settings/user', token),
        ...Array.from({ length: 90 }, (_, n) => get('/health/live', `X-Request-Id: n${n}\r\n`)),
      ].join(''),
    );
    expect(await connection.reply()).toMatchObject({ status: 200, body: '{"success":true,"settings":{}}' });
    expect(await connection.reply()).toMatchObject({ status: 200 });
    const read = await connection.reply();
    expect(JSON.parse(read!.body)).toStrictEqual({ success: true, settings: { theme: 'dark' } });
    for (let n = 0; n < 90; n++) {
      expect(await connection.reply()).toMatchObject({ status: 200, headers: { 'x-request-id': `n${n}` } });
    }
    connection.close();
  });

  it('are answered in several turns, too, in whatever pieces they come', async () => {
    const connection = await RawConnection.open(app.url);
    for (let turn = 0; turn < 30; turn++) {
      const text = get('/health/live').repeat(20);
      connection.send(text.slice(0, 700));
      await sleep(turn % 3);
      connection.send(text.slice(700));
      for (let n = 0; n < 20; n++) expect(await connection.reply()).toMatchObject({ status: 200 });
    }
    connection.close();
  });

  it('are forgotten with their connection', async () => {
    await app.request('GET', '/openapi.json');
    const before = await metric('nodejs_heap_size_used_bytes');
    for (let round = 0; round < 3; round++) {
      const connections = await Promise.all(Array.from({ length: 40 }, () => RawConnection.open(app.url)));
      for (const { socket } of connections) socket.pause();
      for (const connection of connections) connection.send(get('/openapi.json').repeat(100));
      await sleep(500);
      expect(await metric('http_requests_in_flight')).toBeLessThanOrEqual(41);
      for (const connection of connections) connection.close();
    }
    await expect.poll(() => metric('http_requests_in_flight')).toBe(1);
    expect((await metric('nodejs_heap_size_used_bytes')) - before).toBeLessThan(100 * 1024 * 1024);
  });

  /** Sends a request that waits for a lock, and these behind it; then lets it go on. */
  async function behindOneThatWaits(requests: string): Promise<RawConnection> {
    const connection = await RawConnection.open(app.url);
    const lock = await TableLock.hold(app.dataSource, 'user_settings');
    connection.send(get('/settings/user', `Authorization: Bearer ${app.tokenFor(organization.user)}\r\n`));
    await lock.isWaitedFor();
    connection.send(requests);
    await sleep(500);
    await lock.release();
    return connection;
  }

  it('may have heads of 256 KiB together', async () => {
    const connection = await behindOneThatWaits(get('/health/live', `X: ${'x'.repeat(8_000)}\r\n`).repeat(32));
    for (let n = 0; n < 33; n++) expect(await connection.reply()).toMatchObject({ status: 200 });
    connection.close();
  });

  it('may not have more', async () => {
    const connection = await behindOneThatWaits(get('/health/live', `X: ${'x'.repeat(8_000)}\r\n`).repeat(33));
    expect(await connection.reply()).toBeUndefined();
    expect(await connection.lifetime(5_000)).toBeLessThan(5_000);
  });

  it('may be a hundred', async () => {
    const connection = await behindOneThatWaits(get('/health/live').repeat(100));
    for (let n = 0; n < 101; n++) expect(await connection.reply()).toMatchObject({ status: 200 });
    connection.close();
  });

  it('may not be a hundred and one', async () => {
    const connection = await behindOneThatWaits(get('/health/live').repeat(101));
    expect(await connection.reply()).toBeUndefined();
    expect(await connection.lifetime(5_000)).toBeLessThan(5_000);
  });

  it('end the connection when there are too many of them', async () => {
    const connection = await RawConnection.open(app.url);
    connection.send(get('/openapi.json').repeat(1_000));
    expect(await connection.lifetime(5_000)).toBeLessThan(5_000);
    expect((await app.request('GET', '/health/live')).status).toBe(200);
  });

  it('do not get the reply that is for the one before them when they are no HTTP', async () => {
    const connection = await RawConnection.open(app.url);
    connection.send(
      `${get('/settings/user', `Authorization: Bearer ${app.tokenFor(organization.user)}\r\n`)}GARBAGE\r\n\r\n`,
    );
    const first = await connection.reply();
    expect(first?.status ?? 200).toBe(200);
    expect(await connection.lifetime(5_000)).toBeLessThan(5_000);
  });
});
