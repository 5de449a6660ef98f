import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { type Answer, TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { aMember, anOrganization, type TestOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { expectDocumented } from './documented.js';

const PATH = '/settings/organization';
const CONNECTIONS = 4;
const QUEUE = 4;

/** Whatever a connection is sent ahead of its answers, and whatever is on its way from the guard to the queue. */
const MAX_UNDERWAY = 4 * CONNECTIONS;

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres('a slow database', () => {
  let server: PostgresServer;
  let app: TestApp;
  let organization: TestOrganization;

  beforeAll(async () => {
    server = await PostgresServer.start();
    const variables = {
      MIGRATE_ON_START: 'true',
      RATE_LIMIT_PER_MINUTE: '0',
      DATABASE_POOL_SIZE: String(CONNECTIONS),
      DATABASE_QUEUE_SIZE: String(QUEUE),
    };
    app = await TestApp.start(variables, server);
  });
  afterAll(async () => {
    await app?.close();
    await server?.drop();
  });
  beforeEach(async () => {
    organization = await anOrganization(app.dataSource);
    expect((await put({ before: 1 })).status).toBe(200);
  });

  const send = async (method: string, as: string, body?: object): Promise<Answer> => {
    const answer = await app.request(method, PATH, { as, body });
    expectDocumented(method, PATH, answer);
    return answer;
  };
  const put = (body: object) => send('PUT', organization.owner, body);
  const settings = async () => (await send('GET', organization.owner)).body;

  /** Holds documents' rows, so that changes wait, until the work is done. */
  const whileHeld = <Result>(work: () => Promise<Result>, held = [organization]) =>
    server.within(async (other) => {
      await other.query('begin');
      for (const { id } of held) {
        await other.query('select from organization_settings where organization_id = $1 for update', [id]);
      }
      const result = await work();
      await other.query('rollback');
      return result;
    });

  it('makes requests wait only as far as the queue goes, and turns away the others at once', async () => {
    const answers: Answer[] = [];
    const sent = await whileHeld(async () => {
      const waiting = Array.from({ length: 2 * MAX_UNDERWAY }, async (_, n) => {
        const answer = await put({ [`n${n}`]: n });
        answers.push(answer);
        return answer;
      });
      await vi.waitUntil(() => answers.length >= waiting.length - QUEUE - MAX_UNDERWAY, { timeout: 4_000 });
      // Those that shared an execution until they met the lock have left places in the queue, but not so many.
      const late = Array.from({ length: QUEUE }, (_, n) => put({ [`n${waiting.length + n}`]: waiting.length + n }));
      expect((await Promise.race(late)).status).toBe(503);
      expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 503));
      const open = ['/', '/health/live', '/metrics'].map((path) => app.request('GET', path));
      expect((await Promise.all(open)).map(({ status }) => status)).toStrictEqual([200, 200, 200]);
      return [...waiting, ...late];
    });
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    const made = statuses.flatMap((status, n) => (status === 200 ? [[`n${n}`, n] as const] : []));
    expect(made.length).toBeGreaterThan(0);
    expect(await settings()).toStrictEqual({ success: true, settings: { before: 1, ...Object.fromEntries(made) } });
  });

  it('takes a change back that waits for too long, and lets reads pass meanwhile', async () => {
    const answer = await whileHeld(async () => {
      let isAnswered = false;
      const waiting = put({ during: 1 }).finally(() => (isAnswered = true));
      while (!isAnswered) expect((await send('GET', organization.user)).status).toBe(200);
      return waiting;
    });
    expect(answer.status).toBe(503);
    expect((await put({ after: 1 })).status).toBe(200);
    expect(await settings()).toStrictEqual({ success: true, settings: { before: 1, after: 1 } });
  });

  it('lets changes of other documents pass, also those that would have shared a statement with some that wait', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => anOrganization(app.dataSource)));
    for (const { owner } of others) expect((await send('PUT', owner, { before: 1 })).status).toBe(200);
    const waiting = await whileHeld(async () => {
      let isAnswered = false;
      const held = [1, 2].map((n) => put({ [`during${n}`]: n }).finally(() => (isAnswered = true)));
      for (let n = 0; n < 3; n++) {
        const passed = await Promise.all(others.map(({ owner }) => send('PUT', owner, { n })));
        expect(passed.map(({ status }) => status)).toStrictEqual(others.map(() => 200));
      }
      expect(isAnswered).toBe(false);
      return held;
    });
    expect((await Promise.all(waiting)).map(({ status }) => status)).toStrictEqual([200, 200]);
    const made = { before: 1, during1: 1, during2: 2 };
    expect(await settings()).toStrictEqual({ success: true, settings: made });
  });

  it('lets changes of other documents pass while more are locked than there are connections', async () => {
    const locked = await Promise.all(Array.from({ length: CONNECTIONS }, () => anOrganization(app.dataSource)));
    for (const { owner } of locked) expect((await send('PUT', owner, { before: 1 })).status).toBe(200);
    const waiting = await whileHeld(async () => {
      let isAnswered = false;
      const held = locked.map(({ owner }) => send('PUT', owner, { n: 1 }).finally(() => (isAnswered = true)));
      for (let n = 0; n < 10; n++) {
        expect((await put({ n })).status).toBe(200);
        await sleep(50);
      }
      expect(isAnswered).toBe(false);
      return held;
    }, locked);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toStrictEqual(locked.map(() => 200));
  });

  it('lets changes pass that share a statement with two of one document whose organization is locked', async () => {
    const others = await Promise.all(Array.from({ length: QUEUE - 2 }, () => anOrganization(app.dataSource)));
    for (const { owner } of others) expect((await send('PUT', owner, { before: 1 })).status).toBe(200);
    const start = performance.now();
    await server.within(async (locking) => {
      await locking.query('begin');
      await locking.query('select from organizations where id = $1 for update', [organization.id]);
      for (let n = 0; n < 5; n++) {
        const changes = [...others.map(({ owner }) => send('PUT', owner, { n })), put({ [`a${n}`]: n }), put({ b: n })];
        expect((await Promise.all(changes)).map(({ status }) => status)).toStrictEqual(changes.map(() => 200));
      }
      await locking.query('rollback');
    });
    expect(performance.now() - start).toBeLessThan(5_000);
    const made = { before: 1, a0: 0, a1: 1, a2: 2, a3: 3, a4: 4, b: 4 };
    expect(await settings()).toStrictEqual({ success: true, settings: made });
  });

  it('gives up sessions that stand still, whichever statements they run', async () => {
    const newcomers = () =>
      Promise.all(Array.from({ length: CONNECTIONS }, () => aMember(app.dataSource, organization.id, Role.USER)));
    // Their memberships are looked up first.
    const members = await newcomers();
    const all = async (users: string[]) =>
      (await Promise.all(users.map((user) => send('GET', user)))).map(({ status }) => status);
    await all(await newcomers());
    const sessions = await server.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'flashback-backend'`,
    );
    expect(sessions.length).toBeGreaterThan(0);
    for (const { pid } of sessions) process.kill(pid, 'SIGSTOP');
    onTestFinished(() => {
      for (const { pid } of sessions) process.kill(pid, 'SIGCONT');
    });
    expect(await all(members)).toContain(500);
    const works = async () => (await all(members)).every((status) => status === 200);
    await vi.waitUntil(works, { timeout: 20_000, interval: 10 });
    expect((await put({ after: 1 })).status).toBe(200);
  });
});
