import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JWT_SECRET, TestApp } from '../support/app.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { anOrganization } from '../support/factories.js';
import { aFolder, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 60_000 });

let folder: Awaited<ReturnType<typeof aFolder>>;
let database: TestDatabase;

beforeEach(async () => {
  folder = await aFolder();
  database = await aDatabase();
});
afterEach(async () => {
  await database.drop();
  await folder.remove();
});

const start = (variables: Record<string, string>) =>
  ServiceProcess.start(folder.path, { ...database.variables, JWT_SECRET, NODE_ENV: 'production', ...variables });

/** The status, and whether the connection ends with the reply; nothing where the connection is refused. */
const ask = (url: string, agent?: Agent) =>
  new Promise<{ status: number | undefined; connection: string | undefined } | 'refused'>((resolve, reject) => {
    get(url, { agent }, (reply: IncomingMessage) => {
      reply.resume();
      reply.on('end', () => resolve({ status: reply.statusCode, connection: reply.headers.connection }));
    }).on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve('refused') : reject(error),
    );
  });

describe('SIGTERM', () => {
  it('makes the service not ready at once, and refuses connections only after the delay', async () => {
    const service = await start({ SHUTDOWN_DELAY_MS: '1500' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ask(`${service.url}/health/live`, agent)).toStrictEqual({ status: 200, connection: 'keep-alive' });
    const exit = service.kill('SIGTERM');
    await sleep(300);
    expect(await ask(`${service.url}/health`)).toMatchObject({ status: 503 });
    expect(await ask(`${service.url}/settings/user`)).toMatchObject({ status: 401 });
    expect(await ask(`${service.url}/health/live`, agent)).toStrictEqual({ status: 200, connection: 'close' });
    const stopping = (await (await fetch(`${service.url}/health`)).json()) as object;
    expect(stopping).toStrictEqual({
      success: false,
      message: 'Shutting down',
      dependencies: { database: { status: 'up' } },
    });
    expect(await exit).toBe(0);
    expect(await ask(`${service.url}/health/live`)).toBe('refused');
    agent.destroy();
  });

  it('has no delay on SIGINT', async () => {
    const service = await start({ SHUTDOWN_DELAY_MS: '20000' });
    const asked = performance.now();
    expect(await service.kill('SIGINT')).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5_000);
  });

  it('waits for the requests that run', async () => {
    const app = await TestApp.start({}, database);
    const organization = await anOrganization(app.dataSource);
    const as = organization.owner;
    await app.request('PUT', '/settings/organization', { as, body: { before: 1 } });
    const service = await start({ SHUTDOWN_DELAY_MS: '200' });
    const put = (body: object) =>
      fetch(`${service.url}/settings/organization`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${app.tokenFor(as)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await put({ warm: 1 });
    const [answer, exit] = await app.dataSource
      .transaction(async (manager) => {
        await manager.query('select 1 from organization_settings where organization_id = $1 for update', [
          organization.id,
        ]);
        const slow = put({ slow: 1 });
        await sleep(500);
        const ended = service.kill('SIGTERM');
        await sleep(1_500);
        expect(await ask(`${service.url}/health/live`)).toBe('refused');
        return [slow, ended] as const;
      })
      .then((both) => Promise.all(both));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    expect(exit).toBe(0);
    const kept = await app.request('GET', '/settings/organization', { as });
    expect(kept.body).toStrictEqual({ success: true, settings: { before: 1, warm: 1, slow: 1 } });
    await app.close();
  });
});
