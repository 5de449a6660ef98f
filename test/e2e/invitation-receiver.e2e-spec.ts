import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anInvitedUser, anOrganization } from '../support/factories.js';
import { Certificates, HAS_OPENSSL } from '../support/certificates.js';
import { accept } from '../support/invitation-receiver.js';
import { eventually, invitationStage } from './invitations.js';

const stage = invitationStage();
const { ended, eventuallyAll, invite, metric, passTime, postpone, restart, rowOf } = stage;

describe('a receiver that does not answer', () => {
  it('for two organizations holds up no other', async () => {
    const flooding = [stage.organization, await anOrganization(stage.dataSource)];
    const ids = new Set(flooding.map(({ id }) => id));
    stage.receiver.answer = (response, { organization: { id } }) => (ids.has(id) ? undefined : accept(response));
    for (const { id, administrator } of flooding) {
      await Promise.all(Array.from({ length: 20 }, () => anInvitedUser(stage.dataSource, id, administrator)));
    }
    await eventually(() => stage.receiver.received.length === 8);
    const other = await anOrganization(stage.dataSource);
    const invited = await anInvitedUser(stage.dataSource, other.id, other.administrator);
    // Two organizations have half of what runs each: the next one that ends, after 10 s, makes room.
    await vi.waitUntil(async () => (await rowOf(invited))!.isDelivered, { timeout: 15_000, interval: 50 });
    const perOrganization = flooding.map(
      ({ id }) => stage.receiver.received.filter(({ invitation }) => invitation.organization.id === id).length,
    );
    expect(Math.max(...perOrganization)).toBeLessThanOrEqual(8);
  });
});

describe('a receiver', () => {
  it.each([
    ['fails', 500, {}, 'the receiver answered 500'],
    ['is gone', 410, {}, 'the receiver answered 410'],
    ['redirects', 307, { location: '/elsewhere' }, 'the receiver answered 307, and no redirect is followed'],
  ] as const)('that %s gets the same invitation again', async (_, status, headers, problem) => {
    stage.receiver.answer = (response) => response.writeHead(status, headers).end('x'.repeat(100_000));
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError === problem);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isWaiting: true, isDelivered: false });
    stage.receiver.answer = accept;
    await passTime(1);
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(await rowOf(id)).toMatchObject({ attempts: 2, isWaiting: false, lastError: null });
    const [first, second] = stage.receiver.received as [
      (typeof stage.receiver.received)[0],
      (typeof stage.receiver.received)[0],
    ];
    expect(stage.receiver.received.map(({ url }) => url)).toStrictEqual([first.url, first.url]);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.invitation.id).toBe(first.invitation.id);
  });

  it('that hangs is given up after ten seconds', async () => {
    stage.receiver.answer = () => undefined;
    const id = await invite();
    await eventually(() => stage.receiver.received.length === 1);
    const began = performance.now();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    expect((await rowOf(id))!.lastError).toBe('the receiver did not answer within 10 seconds');
    expect(performance.now() - began).toBeGreaterThan(9_000);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('that is away for an hour gets all invitations when it is back, once each', async () => {
    await stage.receiver.down();
    const ids = await Promise.all(Array.from({ length: 20 }, () => invite()));
    await eventuallyAll(ids, (row) => row.lastError !== null);
    expect((await rowOf(ids[0]!))!.lastError).toBe('the receiver could not be reached: ECONNREFUSED');
    expect(await metric('invitations_waiting')).toBe(20);
    await passTime(1, { forgetsErrors: true });
    await eventuallyAll(ids, (row) => row.attempts >= 2 && row.lastError !== null);
    expect(await metric('invitations_oldest_waiting_seconds')).toBeGreaterThan(3_600);
    await stage.receiver.up();
    await passTime(1);
    await eventuallyAll(ids, (row) => row.isDelivered);
    expect(stage.receiver.userIds.toSorted()).toStrictEqual(ids.toSorted());
    expect(await metric('invitations_waiting')).toBe(0);
    expect(await metric('invitations_oldest_waiting_seconds')).toBe(0);
    expect(await ended('delivered')).toBe(20);
    expect(await ended('retried')).toBeGreaterThanOrEqual(40);
  });

  it('that fails for a day is given up, and what failed is listed', async () => {
    stage.receiver.answer = (response) => response.writeHead(503).end();
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    // The first command takes its time: an attempt that began meanwhile would put the next one off.
    await postpone();
    const list = (...args: string[]) => stage.app.admin<unknown[]>('list-invitations', ...args);
    expect(await list()).toMatchObject([{ userId: id, status: 'waiting', failedAt: null }]);
    await passTime(24);
    await eventually(async () => (await rowOf(id))!.isFailed);
    expect(await rowOf(id)).toMatchObject({ isWaiting: false, isDelivered: false });
    const [{ email }] = await stage.dataSource.query<[{ email: string }]>('select email from users where id = $1', [
      id,
    ]);
    const listed = {
      organizationId: stage.organization.id,
      userId: id,
      email,
      status: 'failed',
      lastError: 'the receiver answered 503',
      nextAttemptAt: null,
    };
    expect(await list()).toMatchObject([listed]);
    expect(await list('--organization', stage.organization.id)).toMatchObject([listed]);
    const other = await anOrganization(stage.dataSource);
    expect(await list('--organization', other.id)).toStrictEqual([]);
    await expect(list('--organization', 'acme')).rejects.toThrow('organization must be');
    expect(await ended('failed')).toBe(1);
  });

  it('gets at most eight deliveries at a time from an instance, and four of one organization', async () => {
    const waiting: (() => void)[] = [];
    stage.receiver.answer = (response) => void waiting.push(() => accept(response));
    const ids = await Promise.all(Array.from({ length: 6 }, () => invite()));
    await eventually(() => waiting.length === 4);
    const { id, administrator } = await anOrganization(stage.dataSource);
    ids.push(
      ...(await Promise.all(Array.from({ length: 6 }, () => anInvitedUser(stage.dataSource, id, administrator)))),
    );
    await eventually(() => waiting.length === 8);
    await new Promise((wake) => setTimeout(wake, 2_000));
    expect(waiting).toHaveLength(8);
    stage.receiver.answer = accept;
    for (const answer of waiting) answer();
    await eventuallyAll(ids, (row) => row.isDelivered);
    expect(stage.receiver.received).toHaveLength(12);
  });

  it.runIf(HAS_OPENSSL)('has to show a certificate that holds, whatever Node is told', async () => {
    const certificates = new Certificates();
    const { cert, key } = certificates.authority('127.0.0.1');
    let requests = 0;
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_, response) => {
      requests++;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await restart({
      ...stage.receiver.variables,
      INVITATION_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_NO_WARNINGS: '1',
    });
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    expect((await rowOf(id))!.lastError).toMatch(/^the receiver could not be reached: \w*SELF_SIGNED\w*$/);
    expect(requests).toBe(0);
    server.close();
    certificates.remove();
  });
});

describe('several instances', () => {
  it('deliver each invitation once', async () => {
    const other = await TestApp.start(stage.receiver.variables, stage.database);
    try {
      stage.receiver.answer = (response) => void setTimeout(() => accept(response), 50);
      const ids = await Promise.all(Array.from({ length: 60 }, () => invite()));
      await eventuallyAll(ids, (row) => row.isDelivered);
      expect(stage.receiver.userIds.toSorted()).toStrictEqual(ids.toSorted());
    } finally {
      await other.close();
    }
  });

  it('deliver what one of them was delivering when it was killed', async () => {
    stage.receiver.answer = () => undefined;
    const id = await invite();
    await eventually(() => stage.receiver.received.length === 1);
    stage.isKept = false;
    await stage.app.process.kill('SIGKILL');
    await stage.app.close().catch(() => undefined);
    stage.receiver.answer = accept;
    stage.app = await TestApp.start(stage.receiver.variables, stage.database);
    await new Promise((wake) => setTimeout(wake, 3_000));
    expect(stage.receiver.received).toHaveLength(1);
    await stage.dataSource.query(`update invitations set next_attempt_at = now()`);
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(stage.receiver.userIds).toStrictEqual([id, id]);
  });
});

describe('at SIGTERM', () => {
  it('a delivery that ends soon is kept as delivered', async () => {
    stage.receiver.answer = (response) => void setTimeout(() => accept(response), 1_000);
    const id = await invite();
    await eventually(() => stage.receiver.received.length === 1);
    await restart();
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isDelivered: true, isWaiting: false });
  });

  it('a delivery that does not end is given back, and the next start makes it at once', async () => {
    stage.receiver.answer = () => undefined;
    const id = await invite();
    await eventually(() => stage.receiver.received.length === 1);
    const began = performance.now();
    stage.isKept = false;
    await stage.app.close();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isDelivered: false, isWaiting: true, lastError: null });
    stage.receiver.answer = accept;
    stage.app = await TestApp.start(stage.receiver.variables, stage.database);
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(stage.receiver.userIds).toStrictEqual([id, id]);
  });
});
