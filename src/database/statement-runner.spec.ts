import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { describe, expect, it, vi } from 'vitest';
import { Environment } from '../config/environment.js';
import { ConnectionPool, type Pipeline } from './connection-pool.js';
import { lockingStatement } from './statement.js';
import { StatementRunner } from './statement-runner.js';

const CHANGE = lockingStatement({
  name: 'change',
  parameters: ['organizationId', 'maxWaitMs'],
  constants: ['maxWaitMs'],
  singleParameters: {},
  text: 'select 1',
  batchedText: 'select 1',
});

/** The pipelines of three changes that come one after the other, and of which none ends. */
async function pipelinesOfChanges(sharesStatements: boolean): Promise<Pipeline[]> {
  const pipelines: Pipeline[] = [];
  const query = (_: unknown, __: number, pipeline: Pipeline) => {
    pipelines.push(pipeline);
    pipeline.connection = { running: 1 } as Pipeline['connection'];
    return new Promise(() => undefined);
  };
  const to = vi.spyOn(ConnectionPool, 'to').mockReturnValue({ query } as unknown as ConnectionPool);
  try {
    const environment = Object.assign(new Environment(), {
      DATABASE_URL: 'postgres://localhost/none',
      DATABASE_SHARED_STATEMENTS: sharesStatements,
    });
    const dataSource = { driver: { master: {} }, options: { extra: {} } } as unknown as DataSource;
    const changes = new StatementRunner(dataSource, environment).batchChanges(CHANGE);
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    for (const organizationId of ['a', 'b', 'c']) {
      void changes.execute({ organizationId, since: performance.now() });
      await nextTurn();
    }
    return pipelines;
  } finally {
    vi.useRealTimers();
    to.mockRestore();
  }
}

describe('changes that come while one runs', () => {
  it('go behind it, one of them at once, where they share executions', async () => {
    const [first, second, ...others] = await pipelinesOfChanges(true);
    expect(second).toBe(first);
    expect(others).toStrictEqual([]);
  });

  it('have a connection each, where they share none', async () => {
    const pipelines = await pipelinesOfChanges(false);
    expect(pipelines).toHaveLength(3);
    expect(new Set(pipelines).size).toBe(3);
  });
});
