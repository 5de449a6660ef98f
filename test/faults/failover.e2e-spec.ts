import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Wire } from '../support/wire.js';
import { expectDocumented } from './documented.js';
import { Load } from './load.js';

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres('a failover to a standby, behind an address that follows the primary', () => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  let next: PostgresServer;
  let wire: Wire;
  let app: TestApp;
  let organization: TestOrganization;

  beforeAll(async () => {
    primary = await PostgresServer.start();
    wire = new Wire(primary.url());
    await wire.mend();
    app = await start();
  });
  afterAll(async () => {
    await app?.close();
    await wire?.cut();
    await next?.drop();
    await standby?.drop();
    await primary?.drop();
  });
  beforeEach(async () => {
    organization = await anOrganization(app.dataSource);
  });

  const start = () =>
    TestApp.start(
      { DATABASE_URL: wire.through(primary.url()), MIGRATE_ON_START: 'true', RATE_LIMIT_PER_MINUTE: '0' },
      { variables: {}, directUrl: wire.through(primary.url()), drop: () => primary.drop() },
    );

  const put = async (body: object) => {
    const answer = await app.request('PUT', '/settings/organization', { as: organization.owner, body });
    expectDocumented('PUT', '/settings/organization', answer);
    return answer;
  };

  it('loses nothing that was acknowledged when the standby is a synchronous one, and shows nothing old', async () => {
    standby = await primary.startStandby('standby');
    await primary.waitFor('standby');

    const load = new Load((...request) => app.request(...request), organization);
    await load.flows();
    // It has what is acknowledged from now on, and would not show it.
    await standby.query('select pg_wal_replay_pause()');
    await load.flows();
    await primary.stop('immediate');
    wire.leadTo(standby.url());
    const starting = start();
    await sleep(1_000);
    await standby.promote();
    await load.flows();
    await (await starting).close();
    await load.end(standby);
    expect([...load.statuses.keys()].toSorted()).toStrictEqual([200, 500]);
  });

  it('does not cling to an old primary that goes on as a read-only one', async () => {
    next = await standby.startStandby('next');
    await Promise.all(Array.from({ length: 16 }, (_, n) => put({ [`before${n}`]: n })));
    await standby.query('alter system set default_transaction_read_only = on');
    await standby.query('select pg_reload_conf()');
    const isReadOnly = async () => (await put({ during: 1 })).status === 500;
    await vi.waitUntil(isReadOnly, { timeout: 10_000, interval: 20 });
    expect((await put({ during: 1 })).body).toMatchObject({ error: 'Database connection failed' });
    await next.promote();
    wire.leadTo(next.url());
    const works = async () =>
      (await Promise.all(Array.from({ length: 16 }, (_, n) => put({ [`after${n}`]: n })))).every(
        ({ status }) => status === 200,
      );
    await vi.waitUntil(works, { timeout: 10_000, interval: 20 });
  });
});
