import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { anOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Load } from './load.js';

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres('a database server that is stopped in the middle of writes, and started again', () => {
  let server: PostgresServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await PostgresServer.start();
    app = await TestApp.start({ MIGRATE_ON_START: 'true', RATE_LIMIT_PER_MINUTE: '0' }, server);
  });
  afterAll(async () => {
    await app?.close();
    await server?.drop();
  });

  it.each(['immediate', 'fast'] as const)('loses nothing that was acknowledged, in mode %s', async (mode) => {
    const load = new Load((...request) => app.request(...request), await anOrganization(app.dataSource));
    await load.flows();
    await server.stop(mode);
    await sleep(500);
    await server.start();
    await load.flows();
    await load.end(server);
    expect([...load.statuses.keys()].toSorted()).toStrictEqual([200, 500]);
  });

  it('is waited for when it is away at the start, which the log says', async () => {
    await server.stop('fast');
    const log: string[] = [];
    const starting = TestApp.start({ LOG_LEVEL: 'warn' }, server, { write: (line) => void log.push(line) });
    await vi.waitUntil(() => log.some((lines) => lines.includes('Waiting for the database')), { timeout: 10_000 });
    await server.start();
    const second = await starting;
    expect((await second.request('GET', '/health')).status).toBe(200);
    await second.close();
  });
});
