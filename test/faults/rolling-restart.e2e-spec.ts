import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Answer, JWT_SECRET, requestAt, type RequestOptions, TestApp } from '../support/app.js';
import { describeWithPostgres } from '../support/describe-with-postgres.js';
import { anOrganization } from '../support/factories.js';
import { PostgresServer } from '../support/postgres-server.js';
import { aFolder, ServiceProcess } from '../support/process.js';
import { Load } from './load.js';

vi.setConfig({ testTimeout: 120_000 });

describeWithPostgres('two instances that are restarted in turn under load', () => {
  const agent = new Agent({ keepAlive: true });
  let server: PostgresServer;
  let folder: Awaited<ReturnType<typeof aFolder>>;
  let app: TestApp;
  let instances: ServiceProcess[];

  const start = (variables: Record<string, string> = {}) =>
    ServiceProcess.start(folder.path, {
      ...server.variables,
      JWT_SECRET,
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      RATE_LIMIT_PER_MINUTE: '0',
      SHUTDOWN_DELAY_MS: '500',
      ...variables,
    });

  beforeAll(async () => {
    server = await PostgresServer.start();
    folder = await aFolder();
    app = await TestApp.start({ MIGRATE_ON_START: 'true' }, server);
    instances = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    agent.destroy();
    await Promise.all(instances?.map((instance) => instance.kill('SIGKILL')) ?? []);
    await app?.close();
    await folder?.remove();
    await server?.drop();
  });

  it('show no failure to clients that try a refused connection once more on the other', async () => {
    const organization = await anOrganization(app.dataSource);
    const tokens = new Map(Object.values(organization).map((user) => [user, app.tokenFor(user, 600)]));
    let requests = 0;
    let preferred = 0;
    let refusals = 0;
    /** Most keep their connections, and move when a reply says that it was the last one; some come anew each time. */
    const send = async (method: string, path: string, options: RequestOptions): Promise<Answer> => {
      const isNew = method === 'PUT' && path === '/settings/user';
      const first = isNew ? requests++ % 2 : preferred;
      const requestTo = (place: number) =>
        requestAt(instances[place]!.url, method, path, options, tokens.get(options.as!), isNew ? false : agent);
      const answer = await requestTo(first).catch((error: NodeJS.ErrnoException) => {
        // Reset, when the server stopped listening before it took the connection; nothing was sent then, either.
        const isReset = error.code === 'ECONNRESET' && error.syscall === 'connect';
        if (error.code !== 'ECONNREFUSED' && !isReset) throw error;
        refusals++;
        return requestTo(1 - first);
      });
      if (answer.headers['connection'] === 'close' && first === preferred) preferred = 1 - first;
      return answer;
    };
    const load = new Load(send, organization);
    await load.flows();
    for (const place of [0, 1]) {
      const { url } = instances[place]!;
      preferred = place;
      expect(await instances[place]!.kill('SIGTERM')).toBe(0);
      preferred = place;
      await load.flows();
      instances[place] = await start({ PORT: new URL(url).port });
      await load.flows();
    }
    await load.end(server);
    expect(refusals).toBeGreaterThan(0);
    expect([...load.statuses.keys()]).toStrictEqual([200]);
  });
});
