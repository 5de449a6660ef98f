import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { exchange, RawConnection } from '../support/raw-connection.js';
import { residentMemory } from '../support/resident-memory.js';

vi.setConfig({ testTimeout: 60_000 });

const MIB = 1024 * 1024;

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

const head = (target: string, ...headers: string[]) =>
  [`${target} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
const JSON_HEADER = 'Content-Type: application/json';
const bearer = (userId: string) => `Authorization: Bearer ${app.tokenFor(userId, 600)}`;

describe('a body that nobody may send', () => {
  const TARGETS = [
    ['PUT /settings/user', 401],
    ['POST /settings/organization', 401],
    ['PATCH /settings/user', 401],
    ['DELETE /settings/organization', 401],
    ['PUT /organization/x', 401],
    ['POST /systemevent', 401],
    ['POST /systemevent/read', 401],
    ['POST /settings/user/versions/1/restore', 401],
    ['POST /nothing', 404],
    ['POST /', 404],
    ['PUT /docs', 404],
  ] as const;

  it.each(TARGETS)('%s is refused before the body is there', async (target, status) => {
    for (const framing of ['Content-Length: 1000', 'Content-Length: 999999999', 'Transfer-Encoding: chunked']) {
      for (const credentials of [
        'X: y',
        'Authorization: Bearer wrong',
        `Authorization: Bearer ${app.tokenFor('x', -60)}`,
      ]) {
        for (const type of [JSON_HEADER, 'Content-Type: text/plain']) {
          const reply = await exchange(app.url, head(target, framing, credentials, type));
          expect(reply, `${target} ${framing}`).toMatchObject({ status });
          expect(reply!.headers['connection']).toBe('close');
          expect(reply!.headers['x-request-id']).toBeTypeOf('string');
        }
      }
    }
  });

  it('is thrown away for a while, so that its sender gets to read the reply', async () => {
    const connection = await RawConnection.open(app.url);
    connection.send(head('PUT /settings/user', JSON_HEADER, 'Content-Length: 60000'));
    for (let n = 0; n < 6; n++) {
      await sleep(50);
      connection.send('x'.repeat(10_000));
    }
    expect(await connection.reply()).toMatchObject({ status: 401 });
    connection.socket.end();
    expect(await connection.lifetime(1_500)).toBeLessThan(2_000);
  });

  it('is not read for longer than two seconds, nor beyond 64 KiB', async () => {
    const dripping = await RawConnection.open(app.url);
    const flooding = await RawConnection.open(app.url);
    for (const connection of [dripping, flooding]) {
      connection.send(head('PUT /settings/user', JSON_HEADER, 'Content-Length: 900000000'));
    }
    const drip = setInterval(() => dripping.send('x'), 100);
    const chunk = Buffer.alloc(MIB);
    let sent = 0;
    const flood = () =>
      flooding.socket.write(chunk, (error) => {
        if (error) return;
        sent += MIB;
        flood();
      });
    flood();
    for (const connection of [dripping, flooding]) {
      expect(await connection.reply()).toMatchObject({ status: 401 });
      expect(await connection.lifetime(4_000)).toBeLessThan(4_000);
    }
    clearInterval(drip);
    // What the operating systems on both sides keep, and no more.
    expect(sent).toBeLessThan(32 * MIB);
  });

  it('is not asked for: who waits for 100 Continue hears the refusal, and who has a token the 100', async () => {
    const expecting = [JSON_HEADER, 'Content-Length: 2', 'Expect: 100-continue'];
    expect(await exchange(app.url, head('PUT /settings/user', ...expecting))).toMatchObject({ status: 401 });
    const big = [JSON_HEADER, 'Content-Length: 2000000', 'Expect: 100-continue', bearer(organization.owner)];
    expect(await exchange(app.url, head('PUT /settings/user', ...big))).toMatchObject({ status: 413 });
    const connection = await RawConnection.open(app.url);
    connection.send(head('PUT /settings/user', ...expecting, bearer(organization.owner)));
    expect(await connection.reply()).toMatchObject({ status: 100 });
    connection.send('{}');
    expect(await connection.reply()).toMatchObject({ status: 200 });
    connection.close();
  });

  it('takes no memory, whoever sends how many of them', async () => {
    const before = await residentMemory(app);
    const connections = await Promise.all(Array.from({ length: 300 }, () => RawConnection.open(app.url)));
    for (const connection of connections) {
      connection.send(head('PUT /settings/user', JSON_HEADER, `Content-Length: ${MIB}`));
      connection.socket.write(Buffer.alloc(MIB - 10, ' '));
    }
    await sleep(1_000);
    expect((await residentMemory(app)) - before).toBeLessThan(100 * MIB);
    for (const connection of connections) connection.close();
  });
});

describe('bodies that still arrive', () => {
  let opened: RawConnection[] = [];

  const closeAll = () => {
    for (const connection of opened) connection.close();
    opened = [];
  };
  afterEach(closeAll);

  const unfinished = async (userId: string, count: number, framing = `Content-Length: ${MIB}`) => {
    const connections = await Promise.all(Array.from({ length: count }, () => RawConnection.open(app.url)));
    opened.push(...connections);
    const isChunked = framing.startsWith('Transfer');
    for (const connection of connections) {
      connection.send(head('PUT /settings/user', JSON_HEADER, framing, bearer(userId)));
      if (isChunked) connection.send(`${(MIB - 10).toString(16)}\r\n`);
      connection.socket.write(Buffer.alloc(MIB - 10, ' '));
    }
    const replies = await Promise.all(connections.map((connection) => connection.reply(4_000)));
    return replies.filter((reply) => reply !== undefined);
  };

  it.each([`Content-Length: ${MIB}`, 'Transfer-Encoding: chunked'])(
    'have a share of the memory for each caller, and a bound for all (%s)',
    async (framing) => {
      const before = await residentMemory(app);
      const refusals = await unfinished(organization.owner, 60, framing);
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({ status: 503, headers: { 'x-error-code': 'UNAVAILABLE', connection: 'close' } });
        expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
        expect(Number(refusal.headers['retry-after'])).toBeLessThanOrEqual(30);
        expect(JSON.parse(refusal.body)).toMatchObject({
          message: 'Service unavailable',
          error: 'too many request bodies of this caller are under way',
        });
      }
      // Of a chunked body nobody knows at its head that there is no room for the rest.
      if (framing.startsWith('Content-Length')) expect(refusals).toHaveLength(60 - 16);
      else expect(refusals).not.toHaveLength(0);
      // Whoever else there is has their own.
      const as = organization.user;
      expect((await app.request('PUT', '/settings/user', { as, body: { a: 'x'.repeat(400_000) } })).status).toBe(200);

      const others = [organization.administrator, organization.billing, organization.workspaces, organization.user];
      const more = (await Promise.all(others.map((other) => unfinished(other, 25, framing)))).flat();
      expect(more.some(({ body }) => body.includes('request bodies of all callers'))).toBe(true);
      if (framing.startsWith('Content-Length')) expect(more).toHaveLength(100 - 48);
      expect((await residentMemory(app)) - before).toBeLessThan(250 * MIB);

      closeAll();
      const put = async () => (await app.request('PUT', '/settings/user', { as, body: { b: 1 } })).status;
      await expect.poll(put).toBe(200);
      expect(await unfinished(organization.owner, 10, framing)).toStrictEqual([]);
    },
  );

  it('give back their memory when they are whole, or refused', async () => {
    const as = organization.owner;
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, () => app.request('PUT', '/settings/user', { as, body: 'x'.repeat(MIB) })),
        ...Array.from({ length: 5 }, () =>
          app.request('PUT', '/settings/user', {
            as,
            body: 'x'.repeat(MIB),
            headers: { 'content-type': 'text/plain' },
          }),
        ),
      ]);
      expect(answers.map(({ status }) => status)).toStrictEqual([
        ...Array<number>(10).fill(400),
        ...Array<number>(5).fill(415),
      ]);
    }
  });
});

describe('a body that is too large', () => {
  it('is refused although its sender goes on sending', async () => {
    const connection = await RawConnection.open(app.url);
    connection.send(head('PUT /settings/user', JSON_HEADER, 'Content-Length: 20000000', bearer(organization.owner)));
    connection.socket.write(Buffer.alloc(20_000_000, 'x'));
    const reply = await connection.reply();
    expect(reply).toMatchObject({ status: 413 });
    expect(reply!.body).toContain('"message":"Payload too large"');
    connection.send(head('GET /health/live'));
    expect(await connection.reply()).toMatchObject({ status: 200 });
    connection.close();
  });
});
