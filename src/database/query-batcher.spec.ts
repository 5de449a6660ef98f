import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { recorded } from '../../test/support/recorded-calls.js';
import { UnavailableError } from '../common/errors/common.errors.js';

describe('a query batcher', () => {
  it('executes calls that come together at once, as many as it may, and gives each its own row', async () => {
    const { execute, executions } = recorded({ connections: 1, calls: 3 });
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((row) => execute(row, '1')))).toStrictEqual([
      ...['a1', 'b1', 'c1', 'd1'],
    ]);
    expect(executions).toStrictEqual([['a1', 'b1', 'c1'], ['d1']]);
  });

  it('lets a wrong call fail alone', async () => {
    const { execute, executions } = recorded({ connections: 1, calls: 3 });
    const rows = await Promise.allSettled([execute('a', '1'), execute('b', 'wrong'), execute('c', '1')]);
    expect(rows.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(executions).toHaveLength(4);
  });

  it('makes calls wait beside an execution that runs, until they fill one, or no more come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions } = recorded({ connections: 2, calls: 4 });
      const forever = [execute('a', 'forever'), execute('b', '1')];
      await nextTurn();
      const full = ['c', 'd', 'e'].map((row) => execute(row, '1'));
      await nextTurn();
      expect(executions).toStrictEqual([['aforever', 'b1']]);
      full.push(execute('f', '1'));
      expect(await Promise.all(full)).toStrictEqual(['c1', 'd1', 'e1', 'f1']);

      const few = [execute('g', '1')];
      await nextTurn();
      vi.advanceTimersByTime(1);
      few.push(execute('h', '1'));
      await nextTurn();
      vi.advanceTimersByTime(1);
      await nextTurn();
      expect(executions.slice(1)).toStrictEqual([['c1', 'd1', 'e1', 'f1']]);
      vi.advanceTimersByTime(1);
      expect(await Promise.all(few)).toStrictEqual(['g1', 'h1']);
      expect(await Promise.race([...forever, Promise.resolve('still waiting')])).toBe('still waiting');
    } finally {
      vi.useRealTimers();
    }
  });

  it('counts a call among those that come when its turn begins while the process was busy', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions } = recorded({ connections: 2, calls: 4 });
      const forever = execute('a', 'forever');
      await nextTurn();
      const first = execute('b', '1');
      await nextTurn();
      vi.advanceTimersByTime(2);
      const second = execute('c', '1');
      await nextTurn();
      await nextTurn();
      expect(executions).toStrictEqual([['aforever']]);
      vi.advanceTimersByTime(2);
      expect(await Promise.all([first, second])).toStrictEqual(['b1', 'c1']);
      expect(await Promise.race([forever, Promise.resolve('still waiting')])).toBe('still waiting');
    } finally {
      vi.useRealTimers();
    }
  });

  it('makes no call wait longer beside an execution that takes long, however many come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions } = recorded({ connections: 2, calls: 64 });
      const forever = execute('a', 'forever');
      await nextTurn();
      const steady: Promise<unknown>[] = [];
      for (let ms = 0; ms < 10; ms++) {
        steady.push(execute(`b${ms}`, ''));
        await nextTurn();
        expect(executions).toHaveLength(1);
        vi.advanceTimersByTime(1);
      }
      steady.push(execute('b10', ''));
      await nextTurn();
      expect(executions[1]).toHaveLength(11);
      expect(await Promise.race([forever, Promise.all(steady).then(() => 'answered')])).toBe('answered');
    } finally {
      vi.useRealTimers();
    }
  });

  it('sends an execution behind the one that runs, on its connection, once as many calls wait', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions, pipelines } = recorded({ connections: 2, calls: 4, isPipelined: true });
      const forever = [execute('a', 'forever'), execute('b', '1')];
      await nextTurn();
      const behind = [execute('c', '1')];
      await nextTurn();
      expect(executions).toStrictEqual([['aforever', 'b1']]);
      behind.push(execute('d', '1'));
      await nextTurn();
      behind.push(execute('e', '1'), execute('f', '1'));
      expect(await Promise.race([...forever, Promise.all(behind)])).toStrictEqual(['c1', 'd1', 'e1', 'f1']);
      expect(executions.slice(1)).toStrictEqual([
        ['c1', 'd1'],
        ['e1', 'f1'],
      ]);
      expect(new Set(pipelines).size).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('sends none behind one that takes long: another begins beside it, on a connection of its own', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions, pipelines } = recorded({ connections: 2, calls: 4, isPipelined: true });
      const forever = [execute('a', 'forever'), execute('b', '1')];
      await nextTurn();
      vi.advanceTimersByTime(10);
      const others = [execute('c', '1'), execute('d', '1')];
      await nextTurn();
      expect(executions).toStrictEqual([
        ['aforever', 'b1'],
        ['c1', 'd1'],
      ]);
      expect(new Set(pipelines).size).toBe(2);
      vi.advanceTimersByTime(5);
      expect(await Promise.race([...forever, Promise.all(others)])).toStrictEqual(['c1', 'd1']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('sends none behind where the last one took long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions } = recorded({ connections: 1, calls: 4, isPipelined: true });
      const slow = execute('a', '1');
      await nextTurn();
      vi.advanceTimersByTime(10);
      await slow;
      const afterSlow = [execute('b', '1')];
      await nextTurn();
      afterSlow.push(execute('c', '1'));
      await nextTurn();
      expect(executions).toStrictEqual([['a1'], ['b1']]);
      await Promise.all(afterSlow);
      const afterFast = [execute('d', '1')];
      await nextTurn();
      afterFast.push(execute('e', '1'));
      await nextTurn();
      expect(executions).toStrictEqual([['a1'], ['b1'], ['c1'], ['d1'], ['e1']]);
      await Promise.all(afterFast);
    } finally {
      vi.useRealTimers();
    }
  });

  it('sends none behind where the last one took long beside another', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute, executions } = recorded({ connections: 2, calls: 4, isPipelined: true });
      const first = execute('a', '1');
      await nextTurn();
      vi.advanceTimersByTime(10);
      const second = execute('b', '1');
      await nextTurn();
      vi.advanceTimersByTime(10);
      await Promise.all([first, second]);
      const others = [execute('c', '1')];
      await nextTurn();
      others.push(execute('d', '1'));
      await nextTurn();
      expect(executions).toStrictEqual([['a1'], ['b1'], ['c1']]);
      await Promise.all(others);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has executions that begin together on connections of their own', async () => {
    const { execute, executions, pipelines } = recorded({ connections: 2, calls: 2, isPipelined: true });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((row) => execute(row, '1')));
    expect(executions).toHaveLength(3);
    expect(pipelines[1]).not.toBe(pipelines[0]);
  });

  it.each([
    { isPipelined: true, begun: 2 },
    { isPipelined: false, begun: 1 },
  ])('has begun $begun of two executions when it answers the first, with isPipelined $isPipelined', async (one) => {
    const { execute, executions } = recorded({ connections: 1, calls: 2, isPipelined: one.isPipelined });
    const first = Promise.all([execute('a', '1'), execute('b', '1')]).then(() => executions.length);
    await Promise.all([first, execute('c', '1')]);
    expect(await first).toBe(one.begun);
  });

  it('refuses a call whose turn does not come within five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute } = recorded({ connections: 1, calls: 1 });
      const forever = execute('a', 'forever');
      const late = execute('b', '1').catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(4_000);
      const later = execute('c', '1').catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(1_001);
      expect(await late).toBeInstanceOf(UnavailableError);
      expect(await Promise.race([forever, later, Promise.resolve('still waiting')])).toBe('still waiting');
      await vi.advanceTimersByTimeAsync(4_000);
      expect(await later).toBeInstanceOf(UnavailableError);
    } finally {
      vi.useRealTimers();
    }
  });
});

it('hands on calls that take long', async () => {
  const { execute, executions } = recorded({ connections: 1, calls: 3 });
  expect(await Promise.all([execute('a', '1'), execute('b', 'heavy')])).toStrictEqual(['a1', 'b elsewhere']);
  expect(executions).toStrictEqual([['a1', 'bheavy']]);
});

describe('calls of one owner', () => {
  it('take turns with those of others, and are refused when too many wait', async () => {
    const { execute, executions } = recorded({ connections: 1, calls: 4 });
    const greedy = Array.from({ length: 65 }, (_, n) => execute('a', String(n)));
    const modest = execute('b', '1');
    await expect(greedy.at(-1)).rejects.toThrow(UnavailableError);
    expect(await modest).toBe('b1');
    expect(executions[0]).toStrictEqual(['a0', 'b1', 'a1', 'a2']);
    expect(await Promise.all(greedy.slice(0, -1))).toHaveLength(64);
  });
});
