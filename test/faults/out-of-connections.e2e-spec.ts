import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { anOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { expectDocumented } from './documented.js';
import { Load } from './load.js';

const LIMIT = 3;

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres('a database that has no connections left', () => {
  let server: PostgresServer;
  let variables: Record<string, string>;
  let app: TestApp;

  beforeAll(async () => {
    server = await PostgresServer.start();
    await server.query('create role migrator login');
    await server.query('grant usage, create on schema public to migrator');
    await server.query(`create role service login connection limit ${LIMIT}`);
    await server.query(
      `alter default privileges for role migrator in schema public
         grant select, insert, update, delete on tables to service`,
    );
    await server.query(
      'alter default privileges for role migrator in schema public grant execute on functions to service',
    );
    variables = {
      DATABASE_URL: server.url('service'),
      MIGRATION_DATABASE_URL: server.url('migrator'),
      MIGRATE_ON_START: 'true',
    };
  });
  afterAll(async () => {
    await app?.close();
    await server?.drop();
  });

  /** Leaves the role without a session, also those that it has now. */
  const takeAll = async () => {
    await server.query('alter role service connection limit 0');
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'service'`);
  };
  const release = () => server.query(`alter role service connection limit ${LIMIT}`);

  it.each(['service', 'migrator'])('is waited for at the start, when the role %s has none', async (role) => {
    await app?.close();
    await server.query(`alter role ${role} connection limit 0`);
    let isStarted = false;
    const starting = TestApp.start({ ...variables, RATE_LIMIT_PER_MINUTE: '0' }, server).finally(
      () => (isStarted = true),
    );
    await sleep(500);
    expect(isStarted).toBe(false);
    await server.query(`alter role ${role} connection limit ${LIMIT}`);
    app = await starting;
  });

  it('is shared with fewer connections than the service would take', async () => {
    const load = new Load((...request) => app.request(...request), await anOrganization(app.dataSource));
    await load.flows();
    await load.end(server);
  });

  it('is told in the documented words, and works again by itself', async () => {
    const organization = await anOrganization(app.dataSource);
    const load = new Load((...request) => app.request(...request), organization);
    await load.flows();
    await takeAll();
    const answer = await app.request('GET', '/settings/organization', { as: organization.owner });
    expectDocumented('GET', '/settings/organization', answer);
    expect(answer.body).toMatchObject({ error: 'Database connection failed' });
    expect((await app.request('GET', '/health')).status).toBe(503);
    await release();
    await load.flows();
    await load.end(server);
  });
});
