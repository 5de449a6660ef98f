import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';
import { describeWithPostgres, PostgresServer } from '../support/postgres-server.js';
import { Load } from './load.js';

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
});
