import { describe, expect, it, vi } from 'vitest';
import { locking } from '../../test/support/recorded-calls.js';
import { UnavailableError } from '../common/errors/common.errors.js';

describe('calls that lock one row', () => {
  it('share an execution in their order, and never run in two at a time', async () => {
    const { execute, executions, maxRunning } = locking({ connections: 2, calls: 3 });
    const rows = [execute('a', '1'), execute('a', '2'), execute('b', '1'), execute('a', '3'), execute('c', '1')];
    expect(await Promise.all(rows)).toStrictEqual(['a1', 'a2', 'b1', 'a3', 'c1']);
    expect(executions).toStrictEqual([
      ['a1', 'b1', 'c1'],
      ['a2', 'a3'],
    ]);
    expect(maxRunning()).toBe(1);
  });

  it('go on while an execution runs that has none of them', async () => {
    const { execute, executions, maxRunning } = locking({ connections: 2, calls: 1 });
    await Promise.all([execute('a', '1'), execute('a', '2'), execute('b', '1'), execute('b', '2')]);
    expect(executions).toStrictEqual([['a1'], ['b1'], ['a2'], ['b2']]);
    expect(maxRunning()).toBe(2);
  });

  it('wait for one that runs alone, because its row is locked; those of other rows do not', async () => {
    const { execute, alone, unlock, executions } = locking({ connections: 1, calls: 4 });
    const first = execute('a', 'locked');
    expect(await execute('b', '1')).toBe('b1');
    const second = execute('a', '2');
    expect(await execute('b', '2')).toBe('b2');
    expect(alone).toStrictEqual(['alocked']);
    unlock();
    expect(await Promise.all([first, second])).toStrictEqual(['a alone', 'a2']);
    expect(executions).toStrictEqual([['alocked', 'b1'], ['b2'], ['a2']]);
  });

  it('run alone where the execution that they share meets a lock; the next ones share again', async () => {
    const { execute, alone, unlock, executions } = locking({ connections: 1, calls: 4 });
    unlock();
    expect(await Promise.all([execute('a', '1'), execute('b', 'blocked')])).toStrictEqual(['a alone', 'b alone']);
    expect(await execute('a', '2')).toBe('a2');
    expect(alone).toStrictEqual(['a1', 'bblocked']);
    expect(executions).toStrictEqual([['a1', 'bblocked'], ['a2']]);
  });

  it('run alone one after the other, where they are known to take long', async () => {
    const { execute, alone, unlock, executions } = locking({ connections: 1, calls: 4 });
    const long = [execute('a', '1', 'heavy'), execute('a', '2', 'heavy'), execute('b', '1', 'heavy')];
    expect(await execute('c', '1')).toBe('c1');
    expect(alone).toStrictEqual(['a1', 'b1']);
    unlock();
    await Promise.all(long);
    expect(alone).toStrictEqual(['a1', 'b1', 'a2']);
    expect(executions).toStrictEqual([['c1']]);
  });

  it('take turns by their callers, whether they run alone or not', async () => {
    const { execute, begun, unlock, executions } = locking({ connections: 1, calls: 4 });
    const greedy = ['1', '2', '3'].map((n) => execute('a', n, 'heavy', 'greedy'));
    const modest = [execute('a', 'm', undefined, 'modest'), execute('a', 'n', undefined, 'modest')];
    unlock();
    expect(await modest[0]).toBe('am');
    await Promise.all([...greedy, ...modest]);
    expect(begun).toStrictEqual(['a1', 'am', 'a2', 'an', 'a3']);
    expect(executions).toStrictEqual([['am'], ['an']]);
  });

  it('are refused after five seconds, where one holds the lock for longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute } = locking({ connections: 1, calls: 4 });
      const held = execute('a', '1', 'heavy');
      const late = [execute('a', '2', 'heavy'), execute('a', '3')].map((row) => row.catch((error: unknown) => error));
      await vi.advanceTimersByTimeAsync(5_001);
      expect(await Promise.all(late)).toStrictEqual([expect.any(UnavailableError), expect.any(UnavailableError)]);
      expect(await Promise.race([held, Promise.resolve('still waiting')])).toBe('still waiting');
    } finally {
      vi.useRealTimers();
    }
  });

  it('go on after one that was wrong among others', async () => {
    const { execute, maxRunning } = locking({ connections: 1, calls: 2 });
    const all = [execute('a', '1'), execute('b', 'wrong'), execute('a', '2'), execute('b', '2'), execute('a', '3')];
    const rows = await Promise.allSettled(all);
    expect(rows.map((row) => (row.status === 'fulfilled' ? row.value : 'failed'))).toStrictEqual([
      ...['a1', 'failed', 'a2', 'b2', 'a3'],
    ]);
    expect(maxRunning()).toBe(1);
  });
});
