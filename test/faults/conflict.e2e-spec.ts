import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ChangeContext } from '../../src/history/change-context.js';
import { JWT_SECRET, TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { PostgresServer } from '../support/postgres-server.js';
import { runAdmin } from '../support/process.js';
import { TableLock } from '../support/table-lock.js';
import { expectDocumented } from './documented.js';
import { Load } from './load.js';

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres('transactions that stand in the way of each other', () => {
  let server: PostgresServer;
  let app: TestApp | undefined;

  beforeAll(async () => {
    // The server looks once, so long after somebody began to wait: time enough for the test to make it a deadlock.
    server = await PostgresServer.start({ deadlock_timeout: '1s' });
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });
  afterAll(() => server?.drop());

  const start = async (isolation: string, { lock_timeout = '0' } = {}) => {
    await server.query(`alter database postgres set default_transaction_isolation = '${isolation}'`);
    await server.query(`alter database postgres set lock_timeout = '${lock_timeout}'`);
    app = await TestApp.start({ MIGRATE_ON_START: 'true', RATE_LIMIT_PER_MINUTE: '0' }, server);
    return app;
  };

  it('makes a change once that was chosen to give way in a deadlock', async () => {
    const service = await start('read committed');
    const { id, owner } = await anOrganization(service.dataSource);
    const path = '/settings/organization';
    const put = async (body: object) => {
      const answer = await service.request('PUT', path, { as: owner, body });
      expectDocumented('PUT', path, answer);
      return answer.status;
    };
    expect(await put({ before: 1 })).toBe(200);
    const status = await server.within(async (other) => {
      await other.query(`set deadlock_timeout = '1min'`);
      await other.query('begin');
      // The change waits for the end of this, because its place in the history may be taken.
      await other.query(
        `insert into organization_changes (organization_id, context, version, id, at, operation, patch)
         values ($1, ${ChangeContext.ORGANIZATION_SETTINGS}, 2, 1, now(), 'merge', '[]')`,
        [id],
      );
      const changing = put({ after: 1 });
      // At first it waits for a moment only, too short a time for a deadlock.
      const longWaits = `select from pg_stat_activity
        where wait_event_type = 'Lock' and query_start < now() - interval '0.2 s'`;
      const isWaiting = async () => (await server.query(longWaits)).length > 0;
      await vi.waitUntil(isWaiting, { timeout: 10_000, interval: 5 });
      await other.query('select from organization_settings where organization_id = $1 for update', [id]);
      await other.query('rollback');
      return changing;
    });
    expect(status).toBe(200);
    const wasDeadlock = async () =>
      (await server.query('select from pg_stat_database where datname = current_database() and deadlocks = 1')).length;
    // A session that has nothing to do tells its statistics after ten seconds.
    await vi.waitUntil(wasDeadlock, { timeout: 20_000, interval: 50 });
    const { headers, body } = await service.request('GET', path, { as: owner });
    expect(body).toStrictEqual({ success: true, settings: { before: 1, after: 1 } });
    expect(headers['etag']).toMatch(/^"2-/);
  });

  it('waits on for a lock that was not to be had within lock_timeout', async () => {
    const service = await start('read committed', { lock_timeout: '50ms' });
    const { id, owner } = await anOrganization(service.dataSource);
    const put = (body: object) => service.request('PUT', '/settings/organization', { as: owner, body });
    expect((await put({ before: 1 })).status).toBe(200);
    const answer = await server.within(async (other) => {
      await other.query('begin');
      await other.query('select from organization_settings where organization_id = $1 for update', [id]);
      const changing = put({ after: 1 });
      await sleep(200);
      await other.query('rollback');
      return changing;
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['etag']).toMatch(/^"2-/);
  });

  it.each(['repeatable read', 'serializable'])('makes every change once where the default is %s', async (isolation) => {
    const service = await start(isolation);
    const load = new Load((...request) => service.request(...request), await anOrganization(service.dataSource));
    await load.flows();
    await load.end(server);
    expect([...load.statuses.keys()]).toStrictEqual([200]);

    const { owner } = await anOrganization(service.dataSource);
    const keys = Array.from({ length: 8 }, (_, n) => `n${n}`);
    const first = await Promise.all(
      keys.map((key) => service.request('PUT', '/settings/organization', { as: owner, body: { [key]: 1 } })),
    );
    expect(first.map(({ status }) => status)).toStrictEqual(keys.map(() => 200));
    const { body } = await service.request('GET', '/settings/organization', { as: owner });
    expect(Object.keys((body as { settings: object }).settings).toSorted()).toStrictEqual(keys);
  });

  it('lets nobody take the same email twice where the default is repeatable read', async () => {
    const { dataSource } = await start('repeatable read');
    const create = ['create-user', '--email', 'ada@example.com', '--name', 'Ada'];
    const variables = { ...server.variables, JWT_SECRET };
    const lock = await TableLock.hold(dataSource, 'users');
    const creating = Array.from({ length: 4 }, () => runAdmin(tmpdir(), create, variables));
    await lock.isWaitedFor(creating.length);
    await lock.release();
    const made = await Promise.all(creating);
    expect(made.filter(({ code }) => code === 0)).toHaveLength(1);
    for (const { code, stderr } of made) {
      if (code !== 0) expect(stderr).toBe('The email ada@example.com is already taken\n');
    }
  });
});
