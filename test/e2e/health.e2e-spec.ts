import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { within } from '../support/connection.js';
import { aDatabase } from '../support/database.js';
import { anOrganization } from '../support/factories.js';
import { KeyServer } from '../support/key-server.js';
import { HAS_REDIS, REDIS_URL } from '../support/redis.js';
import { onServer, POOLER } from '../support/server.js';
import { TableLock } from '../support/table-lock.js';
import { Wire } from '../support/wire.js';

const UP = { status: 'up' };
const DOWN = { status: 'down' };

let cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  cleanUps = [];
});

async function start(variables: Record<string, string>): Promise<TestApp> {
  const app = await TestApp.start(variables);
  cleanUps.push(() => app.close());
  return app;
}

const health = async (app: TestApp) => {
  const { status, body } = await app.request('GET', '/health');
  return { status, ...(body as object) };
};
const gauges = async (app: TestApp): Promise<Record<string, number>> => {
  const { text } = await app.request('GET', '/metrics');
  return Object.fromEntries([...text.matchAll(/^(\w+_up) (\d)$/gm)].map(([, name, value]) => [name!, Number(value)]));
};
const ok = (dependencies: object) => ({ status: 200, success: true, message: 'OK', dependencies });
const degraded = (dependencies: object) => ({ status: 200, success: true, message: 'Degraded', dependencies });
const unavailable = (dependencies: object) => ({
  status: 503,
  success: false,
  message: 'Service unavailable',
  dependencies,
});

/** Waits until it is so; the service looks by itself, or for the next request. */
const becomes = (app: TestApp, expected: object) =>
  vi.waitFor(async () => expect(await health(app)).toStrictEqual(expected), { timeout: 15_000, interval: 100 });

describe('/health', () => {
  it('tells of what is configured, and of nothing else', async () => {
    const app = await start({});
    expect(await health(app)).toStrictEqual(ok({ database: UP }));
    expect(await gauges(app)).toStrictEqual({ database_up: 1 });
  });

  it('asks the database once, however often it is asked', async () => {
    const app = await start({});
    const answers = await Promise.all(Array.from({ length: 50 }, () => health(app)));
    for (const answer of answers) expect(answer).toStrictEqual(ok({ database: UP }));
    // Those that come a second later have another answer.
    const questions = app.recording.statements.filter(({ text }) => text === 'select 1');
    expect(questions.length).toBeGreaterThan(0);
    expect(questions.length).toBeLessThan(10);
  });
});

describe('Redis', () => {
  it('may be away from the start: requests are not limited then', async () => {
    const app = await start({ REDIS_URL: 'redis://127.0.0.1:9' });
    expect(await health(app)).toStrictEqual(degraded({ database: UP, redis: DOWN }));
    expect(await gauges(app)).toStrictEqual({ database_up: 1, redis_up: 0 });
  });

  it.runIf(HAS_REDIS)('is down while it is away, or does not answer, and comes back by itself', async () => {
    const wire = new Wire(REDIS_URL);
    cleanUps.push(() => wire.cut());
    await wire.mend();
    const app = await start({ REDIS_URL: wire.through(REDIS_URL) });
    expect(await health(app)).toStrictEqual(ok({ database: UP, redis: UP }));
    expect(await gauges(app)).toStrictEqual({ database_up: 1, redis_up: 1 });

    await wire.cut();
    await becomes(app, degraded({ database: UP, redis: DOWN }));
    await wire.mend();
    await becomes(app, ok({ database: UP, redis: UP }));
    wire.silence();
    await becomes(app, degraded({ database: UP, redis: DOWN }));
  });
});

describe('the key server', () => {
  it('is needed until there are keys, and not for the next day', async () => {
    const server = await KeyServer.start();
    cleanUps.push(() => server.close());
    const isAway: KeyServer['answer'] = (_, response) => response.writeHead(503).end();
    server.answer = isAway;
    const app = await start({
      JWT_SECRET: '',
      JWT_JWKS_URI: server.url,
      JWT_ISSUER: server.url,
      JWT_AUDIENCE: 'settings',
      JWT_JWKS_REFRESH_SECONDS: '1',
    });
    expect(await health(app)).toStrictEqual(unavailable({ database: UP, keyServer: DOWN }));
    expect(await gauges(app)).toStrictEqual({ database_up: 1, key_server_up: 0 });

    const { publicKey } = await generateKeyPair('EdDSA');
    server.publish([{ ...(await exportJWK(publicKey)), kid: 'a' }]);
    await becomes(app, ok({ database: UP, keyServer: UP }));
    expect(await gauges(app)).toStrictEqual({ database_up: 1, key_server_up: 1 });

    server.answer = isAway;
    await becomes(app, degraded({ database: UP, keyServer: DOWN }));
  });
});

describe('a database whose connections are all taken', () => {
  /** One instance with one connection for the statements of single callers, which is busy. */
  async function startFull(url: (of: string) => string | Promise<string> = (of) => of): Promise<TestApp> {
    const database = await aDatabase();
    cleanUps.push(() => database.drop());
    const DATABASE_URL = await url(database.variables['DATABASE_URL']!);
    const app = await TestApp.start({ DATABASE_URL, DATABASE_POOL_SIZE: '3' }, database);
    cleanUps.push(() => app.close());
    const { owner } = await anOrganization(app.dataSource);
    const lock = await TableLock.hold(app.dataSource, 'organization_settings');
    const waiting = app.request('PUT', '/settings/organization', { as: owner, body: {} });
    cleanUps.push(async () => {
      await lock.release();
      await waiting;
    });
    await lock.isWaitedFor();
    return app;
  }

  it('is not away, and nobody waits to hear that', async () => {
    const app = await startFull();
    const asked = performance.now();
    expect(await health(app)).toStrictEqual(ok({ database: UP }));
    expect(performance.now() - asked).toBeLessThan(2_000);
  });

  // A pooler knows users of its own, and no limits of the server's roles.
  it.skipIf(POOLER !== undefined)('is not away either when the server has no other connection to give', async () => {
    const role = `flashback_reader_${randomBytes(4).toString('hex')}`;
    await onServer(
      `create role ${role} login password 'reader' connection limit 2 in role pg_read_all_data, pg_write_all_data`,
    );
    cleanUps.push(() => onServer(`drop role ${role}`));
    const app = await startFull(async (of) => {
      await within(of, (client) => client.query(`grant execute on all functions in schema public to ${role}`));
      return Object.assign(new URL(of), { username: role, password: 'reader' }).href;
    });
    expect(await health(app)).toStrictEqual(ok({ database: UP }));
  });

  it('is away when it is', async () => {
    const wire = new Wire();
    await wire.mend();
    const app = await startFull((of) => wire.through(of));
    await wire.cut();
    expect(await health(app)).toStrictEqual(unavailable({ database: DOWN }));
  });
});
