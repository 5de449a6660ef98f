import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionPool, type Pipeline } from '../../src/database/connection-pool.js';
import { within } from '../support/connection.js';
import { aBareDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let pool: ConnectionPool;

beforeAll(async () => {
  database = await aBareDatabase();
  const nothing = () => undefined;
  pool = ConnectionPool.to({ connectionString: database.directUrl }, 2, {
    serverLost: nothing,
    outOfConnections: nothing,
  });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function run(text: string, pipeline?: Pipeline): Promise<number> {
  const { rows } = await pool.query(() => ({ text }), performance.now(), pipeline);
  return (rows as { pid: number }[])[0]!.pid;
}

const slowly = (seconds: number) => `select pg_backend_pid() as pid from pg_sleep(${seconds})`;
const PID = 'select pg_backend_pid() as pid';

describe('statements of one pipeline', () => {
  it('have one connection, and are answered in their order; others go past them', async () => {
    const pipeline = {};
    const ended: string[] = [];
    const running = run(slowly(0.5), pipeline).finally(() => ended.push('first'));
    await sleep(100);
    const [first, second, other] = await Promise.all([
      running,
      run(PID, pipeline).finally(() => ended.push('second')),
      run(PID).finally(() => ended.push('other')),
    ]);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(ended).toStrictEqual(['other', 'first', 'second']);
    expect([pool.openCount, pool.idleCount]).toStrictEqual([2, 2]);
  });

  it('fail each by itself', async () => {
    const pipeline = {};
    const wrong = run('select 1 / length(pg_sleep(0.3)::text) as pid', pipeline).catch((error: unknown) => error);
    await sleep(100);
    const right = run(PID, pipeline);
    expect(await wrong).toMatchObject({ message: 'division by zero' });
    expect(await right).toBeGreaterThan(0);
  });

  it('fail together where their connection is lost; the next one takes another', async () => {
    const pipeline = {};
    const first = run(slowly(30), pipeline).catch(() => 'failed');
    await sleep(100);
    const all = Promise.all([first, run(PID, pipeline).catch(() => 'failed')]);
    await within(database.directUrl, async (client) => {
      for (let ended = 0; ended === 0;) {
        const { rowCount } = await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`,
        );
        ended = rowCount!;
      }
    });
    expect(await all).toStrictEqual(['failed', 'failed']);
    expect(await run(PID, pipeline)).toBeGreaterThan(0);
  });

  it('take a connection each while none is open', async () => {
    const pipeline = {};
    const [first, second] = await Promise.all([run(slowly(0.1), pipeline), run(slowly(0.1), pipeline)]);
    expect(second).not.toBe(first);
    expect([pool.openCount, pool.idleCount]).toStrictEqual([2, 2]);
  });

  it('wait for one another without counting as lost', async () => {
    const lost: string[] = [];
    const limits = { statement_timeout: 500, query_timeout: 800 };
    const hasty = ConnectionPool.to({ connectionString: database.directUrl, ...limits }, 1, {
      serverLost: () => lost.push('server'),
      outOfConnections: () => undefined,
    });
    const pipeline = {};
    const ask = (text: string) => hasty.query(() => ({ text }), performance.now(), pipeline);
    try {
      const first = ask(slowly(30)).catch((error: unknown) => error);
      await sleep(100);
      const second = ask(slowly(0.4));
      expect(await first).toMatchObject({ code: '57014' });
      expect((await second).rows).toHaveLength(1);
      expect(lost).toStrictEqual([]);
    } finally {
      await hasty.end();
    }
  });

  it('do not go on on a connection that is to be replaced', async () => {
    const pipeline = {};
    const slow = run(slowly(0.3), pipeline);
    await sleep(100);
    pool.renew();
    expect(await run(PID, pipeline)).not.toBe(await slow);
    expect(await run(PID)).not.toBe(await slow);
  });
});
