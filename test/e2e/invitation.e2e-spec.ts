import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp, type TestAppOptions } from '../support/app.js';
import {
  anInvitedUser,
  anOrganization,
  aService,
  inviteAgain,
  type InvitedUserFields,
  type TestOrganization,
} from '../support/factories.js';
import { Certificates, HAS_OPENSSL } from '../support/certificates.js';
import { connect } from '../support/data-source.js';
import { accept, InvitationReceiver } from '../support/invitation-receiver.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { runAdmin } from '../support/process.js';

vi.setConfig({ testTimeout: 60_000 });

const eventually = (what: () => boolean | Promise<boolean>) => vi.waitUntil(what, { timeout: 30_000, interval: 50 });

interface Row {
  id: string;
  organizationId: string;
  attempts: number;
  isWaiting: boolean;
  isDelivered: boolean;
  isFailed: boolean;
  lastError: string | null;
}

let database: TestDatabase;
let dataSource: DataSource;
let receiver: InvitationReceiver;
let app: TestApp;
/** Whether the next test goes on with the same process. */
let isKept = false;
/** The metrics when the test began. */
let before: string;
let organization: TestOrganization;

beforeAll(async () => {
  database = await aDatabase();
  dataSource = await connect(database.directUrl);
  receiver = await InvitationReceiver.start();
});
afterAll(async () => {
  if (isKept) await app.close();
  await receiver.down();
  await dataSource.destroy();
  await database.drop();
});
beforeEach(async () => {
  const earlier = await dataSource.query<{ id: string }[]>('select id from invitations');
  await dataSource.query('truncate invitations');
  await receiver.begin(earlier.map(({ id }) => id));
  if (!isKept) app = await TestApp.start(receiver.variables, database);
  isKept = true;
  before = await metrics();
  organization = await anOrganization(dataSource);
});
afterEach(async () => {
  // Ends the deliveries that it has not answered.
  await receiver.down();
  if (!isKept) await app.close();
});

/** Starts the service anew, for this test alone. */
const restart = async (...[variables, options]: [variables?: Record<string, string>, options?: TestAppOptions]) => {
  isKept = false;
  await app.close();
  app = await TestApp.start(variables ?? receiver.variables, database, options);
};

const invite = (fields?: InvitedUserFields) =>
  anInvitedUser(dataSource, organization.id, organization.administrator, fields);

/** The newest invitation of each of these users, as far as there is one. */
const rowsOf = (userIds: string[]): Promise<Row[]> =>
  dataSource.query<Row[]>(
    `select distinct on (i.user_id) i.id, i.organization_id as "organizationId", i.attempts,
       i.next_attempt_at is not null as "isWaiting", i.delivered_at is not null as "isDelivered",
       i.failed_at is not null as "isFailed", i.last_error as "lastError"
     from invitations i where i.user_id = any($1) order by i.user_id, i.invited_at desc`,
    [userIds],
  );

const rowOf = async (userId: string): Promise<Row | undefined> => (await rowsOf([userId]))[0];

/** Waits until it is true of the invitation of each of these users. */
const eventuallyAll = (userIds: string[], isTrue: (row: Row) => boolean) =>
  eventually(async () => {
    const rows = await rowsOf(userIds);
    return rows.length === userIds.length && rows.every(isTrue);
  });

/**
 * As if so many hours had gone by since. An attempt that is under way is not hurried by it: the next one may be half a
 * minute off. Where errors are forgotten, one that is there again says that an attempt ended. In UTC, hours are taken
 * from a column by an immutable function.
 */
const passTime = async (hours: number, { forgetsErrors = false } = {}) => {
  const earlier = (column: string) =>
    `${column} = (${column} at time zone 'UTC' - make_interval(hours => $1)) at time zone 'UTC'`;
  await dataSource.query(`update users set ${earlier('invited_at')}`, [hours]);
  const lastError = `last_error = case when $2 then null else last_error end`;
  await dataSource.query(
    `update invitations set ${earlier('invited_at')}, ${earlier('next_attempt_at')}, ${lastError}`,
    [hours, forgetsErrors],
  );
};

/** No attempt begins before time is passed; to be called when none is under way. */
const postpone = () => dataSource.query(`update invitations set next_attempt_at = now() + interval '50 minutes'`);

const metrics = async () => (await app.request('GET', '/metrics')).text;

const valueIn = (text: string, series: string) => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

const metric = async (series: string) => valueIn(await metrics(), series);

/** How many deliveries ended so since the test began. */
const ended = async (outcome: string) => {
  const series = `invitation_deliveries_total{outcome="${outcome}"}`;
  return ((await metric(series)) ?? 0) - (valueIn(before, series) ?? 0);
};

describe('an invitation', () => {
  it('is posted to the address as it is configured, with what the receiver needs to write to the user', async () => {
    const email = `grace.${organization.id}@example.com`;
    const id = await invite({ email });
    await eventually(() => receiver.received.length === 1);
    const [{ method, url, headers, invitation }] = receiver.received as [(typeof receiver.received)[number]];
    expect({ method, url }).toStrictEqual({ method: 'POST', url: '/invitations?tenant=1' });
    const [inviter] = await dataSource.query<[{ email: string }]>('select email from users where id = $1', [
      organization.administrator,
    ]);
    expect(invitation).toStrictEqual({
      type: 'user.invited',
      id: (await rowOf(id))!.id,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/) as string,
      user: { id, email, name: 'Grace', lastName: 'Hopper' },
      organization: { id: organization.id, name: 'Acme Corporation' },
      invitedBy: { id: organization.administrator, email: inviter.email },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': invitation.id });
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isWaiting: false, isFailed: false, lastError: null });
  });

  it('names a service account by its id, and no operator', async () => {
    const service = await aService(dataSource, ['members:write']);
    await anInvitedUser(dataSource, organization.id, service, { inviterType: 'service' });
    await eventually(() => receiver.received.length === 1);
    await anInvitedUser(dataSource, organization.id, 'Olga', { inviterType: 'operator' });
    await eventually(() => receiver.received.length === 2);
    expect(receiver.received.map(({ invitation }) => invitation.invitedBy)).toStrictEqual([
      { id: service, email: null },
      { id: null, email: null },
    ]);
  });

  it('is an event that says so, when the user is made and when they are invited again', async () => {
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.isDelivered);
    await inviteAgain(dataSource, organization.id, organization.administrator, id);
    await eventually(() => receiver.received.length === 2);
    const { body } = await app.request('POST', '/systemevent', {
      as: organization.owner,
      body: { contextId: id },
    });
    const { events } = body as { events: { context: string; event: string; jsonData: string }[] };
    expect(
      events.map(({ context, event, jsonData }) => ({
        context,
        event,
        invited: (JSON.parse(jsonData) as { invited?: boolean }).invited,
      })),
    ).toStrictEqual([
      { context: 'user', event: 'updated', invited: true },
      { context: 'user', event: 'created', invited: true },
    ]);
    expect(receiver.userIds).toStrictEqual([id, id]);
  });
});

describe('a receiver that does not answer', () => {
  it('for two organizations holds up no other', async () => {
    const flooding = [organization, await anOrganization(dataSource)];
    const ids = new Set(flooding.map(({ id }) => id));
    receiver.answer = (response, { organization: { id } }) => (ids.has(id) ? undefined : accept(response));
    for (const { id, administrator } of flooding) {
      await Promise.all(Array.from({ length: 20 }, () => anInvitedUser(dataSource, id, administrator)));
    }
    await eventually(() => receiver.received.length === 8);
    const other = await anOrganization(dataSource);
    const invited = await anInvitedUser(dataSource, other.id, other.administrator);
    // Two organizations have half of what runs each: the next one that ends, after 10 s, makes room.
    await vi.waitUntil(async () => (await rowOf(invited))!.isDelivered, { timeout: 15_000, interval: 50 });
    const perOrganization = flooding.map(
      ({ id }) => receiver.received.filter(({ invitation }) => invitation.organization.id === id).length,
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
    receiver.answer = (response) => response.writeHead(status, headers).end('x'.repeat(100_000));
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError === problem);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isWaiting: true, isDelivered: false });
    receiver.answer = accept;
    await passTime(1);
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(await rowOf(id)).toMatchObject({ attempts: 2, isWaiting: false, lastError: null });
    const [first, second] = receiver.received as [(typeof receiver.received)[0], (typeof receiver.received)[0]];
    expect(receiver.received.map(({ url }) => url)).toStrictEqual([first.url, first.url]);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.invitation.id).toBe(first.invitation.id);
  });

  it('that hangs is given up after ten seconds', async () => {
    receiver.answer = () => undefined;
    const id = await invite();
    await eventually(() => receiver.received.length === 1);
    const began = performance.now();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    expect((await rowOf(id))!.lastError).toBe('the receiver did not answer within 10 seconds');
    expect(performance.now() - began).toBeGreaterThan(9_000);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('that is away for an hour gets all invitations when it is back, once each', async () => {
    await receiver.down();
    const ids = await Promise.all(Array.from({ length: 20 }, () => invite()));
    await eventuallyAll(ids, (row) => row.lastError !== null);
    expect((await rowOf(ids[0]!))!.lastError).toBe('the receiver could not be reached: ECONNREFUSED');
    expect(await metric('invitations_waiting')).toBe(20);
    await passTime(1, { forgetsErrors: true });
    await eventuallyAll(ids, (row) => row.attempts >= 2 && row.lastError !== null);
    expect(await metric('invitations_oldest_waiting_seconds')).toBeGreaterThan(3_600);
    await receiver.up();
    await passTime(1);
    await eventuallyAll(ids, (row) => row.isDelivered);
    expect(receiver.userIds.toSorted()).toStrictEqual(ids.toSorted());
    expect(await metric('invitations_waiting')).toBe(0);
    expect(await metric('invitations_oldest_waiting_seconds')).toBe(0);
    expect(await ended('delivered')).toBe(20);
    expect(await ended('retried')).toBeGreaterThanOrEqual(40);
  });

  it('that fails for a day is given up, and what failed is listed', async () => {
    receiver.answer = (response) => response.writeHead(503).end();
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    // The first command takes its time: an attempt that began meanwhile would put the next one off.
    await postpone();
    const list = (...args: string[]) => app.admin<unknown[]>('list-invitations', ...args);
    expect(await list()).toMatchObject([{ userId: id, status: 'waiting', failedAt: null }]);
    await passTime(24);
    await eventually(async () => (await rowOf(id))!.isFailed);
    expect(await rowOf(id)).toMatchObject({ isWaiting: false, isDelivered: false });
    const [{ email }] = await dataSource.query<[{ email: string }]>('select email from users where id = $1', [id]);
    const listed = {
      organizationId: organization.id,
      userId: id,
      email,
      status: 'failed',
      lastError: 'the receiver answered 503',
      nextAttemptAt: null,
    };
    expect(await list()).toMatchObject([listed]);
    expect(await list('--organization', organization.id)).toMatchObject([listed]);
    const other = await anOrganization(dataSource);
    expect(await list('--organization', other.id)).toStrictEqual([]);
    await expect(list('--organization', 'acme')).rejects.toThrow('organization must be');
    expect(await ended('failed')).toBe(1);
  });

  it('gets at most eight deliveries at a time from an instance, and four of one organization', async () => {
    const waiting: (() => void)[] = [];
    receiver.answer = (response) => void waiting.push(() => accept(response));
    const ids = await Promise.all(Array.from({ length: 6 }, () => invite()));
    await eventually(() => waiting.length === 4);
    const { id, administrator } = await anOrganization(dataSource);
    ids.push(...(await Promise.all(Array.from({ length: 6 }, () => anInvitedUser(dataSource, id, administrator)))));
    await eventually(() => waiting.length === 8);
    await new Promise((wake) => setTimeout(wake, 2_000));
    expect(waiting).toHaveLength(8);
    receiver.answer = accept;
    for (const answer of waiting) answer();
    await eventuallyAll(ids, (row) => row.isDelivered);
    expect(receiver.received).toHaveLength(12);
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
      ...receiver.variables,
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

describe('nothing is delivered', () => {
  const whileAway = async (change: (id: string) => Promise<unknown>) => {
    await receiver.down();
    const id = await invite();
    await eventually(async () => (await rowOf(id))!.lastError !== null);
    // No attempt is on its way while things change.
    await postpone();
    await change(id);
    await receiver.up();
    await passTime(1);
    return id;
  };

  it.each([
    ['validated', (id: string) => app.request('GET', '/settings/user', { as: id })],
    ['deleted', (id: string) => app.admin('delete-user', '--user', id)],
  ])('to a user who was %s meanwhile', async (_, change) => {
    const id = await whileAway(change);
    await eventually(async () => !(await rowOf(id))!.isWaiting);
    expect(await rowOf(id)).toMatchObject({ isDelivered: false, isFailed: false });
    expect(await ended('dropped')).toBe(1);
    expect(receiver.received).toStrictEqual([]);
    expect(await app.admin('list-invitations')).toStrictEqual([]);
  });

  it('to a user who was erased meanwhile', async () => {
    const id = await whileAway(async (user) => {
      await app.admin('delete-user', '--user', user);
      await app.admin('erase-user', '--user', user);
    });
    expect(await rowOf(id)).toBeUndefined();
    const next = await invite();
    await eventually(async () => (await rowOf(next))!.isDelivered);
    expect(receiver.userIds).toStrictEqual([next]);
  });

  it('twice to a user who was invited again meanwhile', async () => {
    const id = await whileAway((user) => inviteAgain(dataSource, organization.id, organization.administrator, user));
    await eventually(async () => (await rowOf(id))!.isDelivered);
    await eventually(async () => (await ended('dropped')) === 1);
    expect(receiver.userIds).toStrictEqual([id]);
  });

  it('without an address, which the start says in one line', async () => {
    const lines: { msg: string }[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as { msg: string });
    await restart({ LOG_LEVEL: 'log' }, { write });
    await eventually(() => lines.some(({ msg }) => msg === 'No invitations leave: INVITATION_URL is not set'));
    const id = await invite();
    await new Promise((wake) => setTimeout(wake, 3_000));
    expect(await rowOf(id)).toMatchObject({ attempts: 0 });
    expect(await metric('invitations_waiting')).toBeUndefined();
    const { stdout } = await runAdmin(tmpdir(), ['list-invitations'], database.variables);
    expect(JSON.parse(stdout)).toStrictEqual([]);
  });
});

describe('several instances', () => {
  it('deliver each invitation once', async () => {
    const other = await TestApp.start(receiver.variables, database);
    try {
      receiver.answer = (response) => void setTimeout(() => accept(response), 50);
      const ids = await Promise.all(Array.from({ length: 60 }, () => invite()));
      await eventuallyAll(ids, (row) => row.isDelivered);
      expect(receiver.userIds.toSorted()).toStrictEqual(ids.toSorted());
    } finally {
      await other.close();
    }
  });

  it('deliver what one of them was delivering when it was killed', async () => {
    receiver.answer = () => undefined;
    const id = await invite();
    await eventually(() => receiver.received.length === 1);
    isKept = false;
    await app.process.kill('SIGKILL');
    await app.close().catch(() => undefined);
    receiver.answer = accept;
    app = await TestApp.start(receiver.variables, database);
    await new Promise((wake) => setTimeout(wake, 3_000));
    expect(receiver.received).toHaveLength(1);
    await dataSource.query(`update invitations set next_attempt_at = now()`);
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(receiver.userIds).toStrictEqual([id, id]);
  });
});

describe('at SIGTERM', () => {
  it('a delivery that ends soon is kept as delivered', async () => {
    receiver.answer = (response) => void setTimeout(() => accept(response), 1_000);
    const id = await invite();
    await eventually(() => receiver.received.length === 1);
    await restart();
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isDelivered: true, isWaiting: false });
  });

  it('a delivery that does not end is given back, and the next start makes it at once', async () => {
    receiver.answer = () => undefined;
    const id = await invite();
    await eventually(() => receiver.received.length === 1);
    const began = performance.now();
    isKept = false;
    await app.close();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await rowOf(id)).toMatchObject({ attempts: 1, isDelivered: false, isWaiting: true, lastError: null });
    receiver.answer = accept;
    app = await TestApp.start(receiver.variables, database);
    await eventually(async () => (await rowOf(id))!.isDelivered);
    expect(receiver.userIds).toStrictEqual([id, id]);
  });
});

describe('old invitations', () => {
  it('are deleted, but none that still holds', async () => {
    await restart({ INVITATION_TTL_DAYS: '60' }, { preload: ['background-work.js'] });
    const [old, holding] = [await invite(), await invite({ role: Role.BILLING })];
    const age = (id: string, days: number) =>
      dataSource.query('update invitations set invited_at = now() - make_interval(days => $2) where user_id = $1', [
        id,
        days,
      ]);
    await age(old, 61);
    await age(holding, 59);
    expect(await app.process.ask('prune-invitations')).toBe(1);
    expect(await rowOf(old)).toBeUndefined();
    expect(await rowOf(holding)).toBeDefined();
  });
});
