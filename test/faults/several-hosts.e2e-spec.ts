import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Load } from './load.js';

vi.setConfig({ testTimeout: 120_000 });

const PATH = '/settings/organization';

describeWithPostgres('an address of two servers, one of which is the primary', () => {
  let one: PostgresServer;
  let other: PostgresServer;
  let app: TestApp;
  let organization: TestOrganization;

  const start = () => {
    const hosts = [one, other].map(({ port }) => `127.0.0.1:${port}`).join(',');
    return TestApp.start(
      {
        DATABASE_URL: `postgres://postgres@${hosts}/postgres?target_session_attrs=read-write`,
        MIGRATE_ON_START: 'true',
        RATE_LIMIT_PER_MINUTE: '0',
      },
      { variables: {}, directUrl: one.url(), drop: () => Promise.resolve() },
    );
  };

  beforeAll(async () => {
    one = await PostgresServer.start();
    other = await one.startStandby('other');
    await one.waitFor('other');
    app = await start();
    organization = await anOrganization(app.dataSource);
  });
  afterAll(async () => {
    await app?.close();
    await other?.drop();
    await one?.drop();
  });

  const put = async (at: TestApp, key: string) => {
    const answer = await at.request('PUT', PATH, { as: organization.owner, body: { [key]: key } });
    return answer.status;
  };
  const keysOn = async (server: PostgresServer) => {
    const rows = await server.query<{ settings: object }>(
      'select settings from organization_settings where organization_id = $1',
      [organization.id],
    );
    return Object.keys(rows[0]?.settings ?? {});
  };

  it('leads to the primary again each time when they have changed roles, and nothing acknowledged is lost', async () => {
    const load = new Load((...request) => app.request(...request), await anOrganization(app.dataSource));
    await load.flows();
    await one.stop('immediate');
    await other.promote();
    await load.flows();

    await one.follow(other, 'one');
    await other.waitFor('one');
    await load.flows();
    await other.stop('immediate');
    await one.promote();
    await load.flows();

    await load.end(one);
    expect([...load.statuses.keys()].toSorted()).toStrictEqual([200, 500]);
  });

  it('does not lead back to an old primary that takes changes, too', async () => {
    await other.follow(one, 'other');
    await one.waitFor('other');
    await one.stop('immediate');
    await other.promote();
    await vi.waitUntil(async () => (await put(app, 'promoted')) === 200, { timeout: 10_000, interval: 50 });
    await one.start({ synchronous_standby_names: '' });

    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name ~ '^flashback'`);
    await vi.waitUntil(async () => (await put(app, 'reconnected')) === 200, { timeout: 10_000, interval: 50 });
    const late = await start();
    expect(await put(late, 'late')).toBe(200);
    await late.close();
    expect(await keysOn(other)).toStrictEqual(expect.arrayContaining(['promoted', 'reconnected', 'late']));
    expect(await keysOn(one)).toStrictEqual([]);
  });

  it('is told with each of its servers when none of them is a primary', async () => {
    await one.stop('immediate');
    await other.stop('immediate');
    const answer = await app.request('GET', PATH, { as: organization.user });
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({ error: 'Database connection failed' });
    const health = await app.request('GET', '/health');
    expect(health.status).toBe(503);
    await other.start();
    await vi.waitUntil(async () => (await put(app, 'back')) === 200, { timeout: 10_000, interval: 50 });
  });
});
