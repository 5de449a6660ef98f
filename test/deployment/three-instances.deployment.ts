import { setTimeout as sleep } from 'node:timers/promises';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../faults/load.js';
import { PgBouncer } from '../pgbouncer/pgbouncer.js';
import { type Answer, JWT_SECRET, requestAt, type RequestOptions } from '../support/app.js';
import { connect } from '../support/data-source.js';
import { anOrganization } from '../support/factories.js';
import { freePort } from '../support/free-port.js';
import { judge } from '../support/judged-replies.js';
import { migrate } from '../support/migrate.js';
import { PostgresServer } from '../support/postgres-server.js';
import { aFolder, ServiceProcess } from '../support/process.js';
import { HAProxy } from './haproxy.js';
import { RedisServer } from './redis-server.js';
import { RoleCheck } from './role-check.js';

const ORGANIZATIONS = 3;
const INSTANCES = [0, 1, 2];

/** How long a supervisor such as Patroni takes until it promotes a standby, in milliseconds: far less than in truth. */
const PROMOTION_MS = 3_000;

/** What clients saw while something was done. */
interface Phase {
  readonly name: string;
  requests: number;
  readonly failures: Map<number, number>;
  /** The longest time in which no request succeeded, in milliseconds. */
  silence: number;
}

describe('three instances behind HAProxy, with PostgreSQL behind PgBouncer and HAProxy, and Redis', () => {
  let folder: Awaited<ReturnType<typeof aFolder>>;
  let primary: PostgresServer;
  let standby: PostgresServer;
  let checks: RoleCheck[];
  let toPrimary: HAProxy;
  let pgbouncer: PgBouncer;
  let redis: RedisServer;
  let ports: number[];
  const instances: ServiceProcess[] = [];
  let proxy: HAProxy;

  const startInstance = async (place: number) => {
    instances[place] = await ServiceProcess.start(folder.path, {
      PORT: String(ports[place]),
      DATABASE_URL: `postgres://postgres@${pgbouncer.address}/postgres`,
      DATABASE_PREPARED_STATEMENTS: 'false',
      REDIS_URL: redis.url,
      JWT_SECRET,
      NODE_ENV: 'production',
      LOG_LEVEL: 'fatal',
      // Counted in Redis, and never reached.
      RATE_LIMIT_PER_MINUTE: '1000000',
      RATE_LIMIT_ORGANIZATION_PER_MINUTE: '1000000',
      RATE_LIMIT_ADDRESS_PER_MINUTE: '1000000',
      TRUSTED_PROXIES: '127.0.0.1',
      SHUTDOWN_DELAY_MS: '2000',
    });
  };

  beforeAll(async () => {
    folder = await aFolder();
    primary = await PostgresServer.start();
    await migrate({ DATABASE_URL: primary.url(), JWT_SECRET });
    standby = await primary.startStandby('standby');
    await primary.waitFor('standby');
    checks = [await RoleCheck.of(primary), await RoleCheck.of(standby)];
    const nodes = [primary, standby].map(({ port }, n) => `127.0.0.1:${port} check port ${checks[n]!.port}`);
    toPrimary = await HAProxy.start('deploy/failover/haproxy.cfg', await freePort(), nodes);
    pgbouncer = await PgBouncer.start(`postgres://postgres@127.0.0.1:${toPrimary.port}`);
    redis = await RedisServer.start();
    ports = await Promise.all(INSTANCES.map(freePort));
    for (const place of INSTANCES) await startInstance(place);
    const services = ports.map((port) => `127.0.0.1:${port}`);
    proxy = await HAProxy.start('deploy/three-instances/haproxy.cfg', await freePort(), services);
  });
  afterAll(async () => {
    await proxy?.stop();
    await Promise.all(instances.map((instance) => instance.kill('SIGKILL')));
    await redis?.stop();
    await pgbouncer?.stop();
    await toPrimary?.stop();
    checks?.forEach((check) => check.close());
    await standby?.drop();
    await primary?.drop();
    await folder?.remove();
  });

  it('lose nothing that was acknowledged while each is restarted, the database fails over and Redis goes away', async () => {
    const phases: Phase[] = [];
    let lastSuccess = performance.now();
    const send = async (method: string, path: string, options: RequestOptions): Promise<Answer> => {
      const token = jwt.sign({}, JWT_SECRET, { subject: options.as!, expiresIn: 600 });
      const url = `http://127.0.0.1:${proxy.port}`;
      const answer = await requestAt(url, method, path, { ...options, isOutsideDocument: true }, token);
      const { status, headers, text } = answer;
      if (headers['x-request-id'] !== undefined) {
        judge(method, path, { status, mediaType: headers['content-type'] as string, text });
      }
      const phase = phases.at(-1)!;
      phase.requests++;
      if (status === 200) {
        const now = performance.now();
        phase.silence = Math.max(phase.silence, now - lastSuccess);
        lastSuccess = now;
      } else phase.failures.set(status, (phase.failures.get(status) ?? 0) + 1);
      return answer;
    };
    const begin = (name: string) => phases.push({ name, requests: 0, failures: new Map(), silence: 0 });

    begin('nothing happens');
    const dataSource = await connect(primary.url());
    const loads: Load[] = [];
    for (let n = 0; n < ORGANIZATIONS; n++) loads.push(new Load(send, await anOrganization(dataSource)));
    await dataSource.destroy();
    const flow = async () => {
      for (const load of loads) await load.flows();
    };
    await flow();
    await sleep(5_000);

    begin('each instance is restarted');
    for (const place of INSTANCES) {
      expect(await instances[place]!.kill('SIGTERM')).toBe(0);
      await startInstance(place);
      await flow();
    }
    expect(phases.at(-1)!.failures).toStrictEqual(new Map());

    begin('an instance is killed');
    await instances[0]!.kill('SIGKILL');
    await flow();
    await startInstance(0);
    await flow();

    begin('Redis goes away, and comes back');
    await redis.stop();
    await sleep(3_000);
    await flow();
    await redis.start();
    await sleep(3_000);
    await flow();
    expect(phases.at(-1)!.failures).toStrictEqual(new Map());

    begin('the database is killed, and its standby promoted');
    await primary.stop('immediate');
    await sleep(PROMOTION_MS);
    await standby.promote();
    await flow();

    begin('the database is stopped for a switchover, and the other one promoted');
    await primary.follow(standby, 'returned');
    await standby.waitFor('returned');
    await flow();
    await standby.stop('fast');
    await primary.promote();
    await flow();

    for (const load of loads) await load.end(primary);
    console.table(
      phases.map(({ name, requests, failures, silence }) => ({
        while: name,
        requests,
        failures: [...failures].map(([status, count]) => `${count} × ${status}`).join(', '),
        'longest time without success, ms': Math.round(silence),
      })),
    );
  });
});
