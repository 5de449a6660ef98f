import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../common/errors/common.errors.js';
import { type SingleReason, type BatchLimits, type Locking, QueryBatcher } from './query-batcher.js';

/** A call is a text: the name of its row and, after it, how it ends. */
type Call = readonly [row: string, ending: string, callerId?: string];

/** How calls share executions. */
type Sharing = Omit<BatchLimits, 'waitingOfOwner' | 'answersLast'> & Partial<Pick<BatchLimits, 'answersLast'>>;

/**
 * Executes calls and writes down what went together; a call's ending says whether it fails, never ends, or must run
 * alone.
 */
function recorded(limits: Sharing, locking?: Pick<Locking<Call, string>, 'executeSingle'>, begun: string[] = []) {
  const executions: string[][] = [];
  let running = 0;
  let maxRunning = 0;
  const executeShared = async (calls: readonly Call[]) => {
    const texts = calls.map(textOf);
    executions.push(texts);
    begun.push(...texts);
    maxRunning = Math.max(maxRunning, ++running);
    await sleep(5);
    if (texts.some((text) => text.endsWith('forever'))) await new Promise(() => undefined);
    running--;
    if (texts.some((text) => text.endsWith('wrong'))) throw Object.assign(new Error('wrong'), { code: '22003' });
    return texts;
  };
  const batcher = new QueryBatcher<Call, string>({
    limits: { answersLast: true, ...limits, waitingOfOwner: 64 },
    partiesOf: ([row, , callerId = 'caller']) => ({ ownerId: row, callerId }),
    executeShared,
    isHeavy: (text) => text.endsWith('heavy'),
    admitHeavy: ([row]) => Promise.resolve(`${row} elsewhere`),
    ...(locking && {
      locking: { ...locking, isLocked: (text: string) => text.endsWith('locked') },
    }),
  });
  const execute = (row: string, ending: string, alone?: SingleReason, callerId?: string) =>
    batcher.execute([row, ending, callerId], alone);
  return { execute, executions, maxRunning: () => maxRunning };
}

function textOf([row, ending]: Call): string {
  return `${row}${ending}`;
}

/** The same with locks. Calls that run alone end when `unlock` is called. `begun` has all, in the order they began. */
function locking(limits: Sharing) {
  const alone: string[] = [];
  const begun: string[] = [];
  let unlock!: () => void;
  const unlocked = new Promise<void>((resolve) => (unlock = resolve));
  const executeSingle = async (call: Call) => {
    alone.push(textOf(call));
    begun.push(textOf(call));
    await unlocked;
    return `${call[0]} alone`;
  };
  return { alone, begun, unlock, ...recorded(limits, { executeSingle }, begun) };
}

describe('a query batcher', () => {
  it('executes calls that come together at once, as many as it may, and gives each its own row', async () => {
    const { execute, executions } = recorded({ executions: 1, calls: 3 });
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((row) => execute(row, '1')))).toStrictEqual([
      ...['a1', 'b1', 'c1', 'd1'],
    ]);
    expect(executions).toStrictEqual([['a1', 'b1', 'c1'], ['d1']]);
  });

  it('lets a wrong call fail alone', async () => {
    const { execute, executions } = recorded({ executions: 1, calls: 3 });
    const rows = await Promise.allSettled([execute('a', '1'), execute('b', 'wrong'), execute('c', '1')]);
    expect(rows.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(executions).toHaveLength(4);
  });

  it('makes calls wait beside an execution that runs, until they fill one, or no more come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const { execute, executions } = recorded({ executions: 2, calls: 4 });
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
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const { execute, executions } = recorded({ executions: 2, calls: 4 });
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
      const { execute, executions } = recorded({ executions: 2, calls: 64 });
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

  it.each([
    { answersLast: true, begun: 2 },
    { answersLast: false, begun: 1 },
  ])('has begun $begun of two executions when it answers the first, with answersLast $answersLast', async (one) => {
    const { execute, executions } = recorded({ executions: 1, calls: 1, answersLast: one.answersLast });
    const first = execute('a', '1').then(() => executions.length);
    await Promise.all([first, execute('b', '1')]);
    expect(await first).toBe(one.begun);
  });

  it('refuses a call whose turn does not come within five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { execute } = recorded({ executions: 1, calls: 1 });
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
  const { execute, executions } = recorded({ executions: 1, calls: 3 });
  expect(await Promise.all([execute('a', '1'), execute('b', 'heavy')])).toStrictEqual(['a1', 'b elsewhere']);
  expect(executions).toStrictEqual([['a1', 'bheavy']]);
});

describe('calls of one owner', () => {
  it('take turns with those of others, and are refused when too many wait', async () => {
    const { execute, executions } = recorded({ executions: 1, calls: 4 });
    const greedy = Array.from({ length: 65 }, (_, n) => execute('a', String(n)));
    const modest = execute('b', '1');
    await expect(greedy.at(-1)).rejects.toThrow(UnavailableError);
    expect(await modest).toBe('b1');
    expect(executions[0]).toStrictEqual(['a0', 'b1', 'a1', 'a2']);
    expect(await Promise.all(greedy.slice(0, -1))).toHaveLength(64);
  });
});

describe('calls that lock one row', () => {
  it('share an execution in their order, and never run in two at a time', async () => {
    const { execute, executions, maxRunning } = locking({ executions: 2, calls: 3 });
    const rows = [execute('a', '1'), execute('a', '2'), execute('b', '1'), execute('a', '3'), execute('c', '1')];
    expect(await Promise.all(rows)).toStrictEqual(['a1', 'a2', 'b1', 'a3', 'c1']);
    expect(executions).toStrictEqual([
      ['a1', 'b1', 'c1'],
      ['a2', 'a3'],
    ]);
    expect(maxRunning()).toBe(1);
  });

  it('go on while an execution runs that has none of them', async () => {
    const { execute, executions, maxRunning } = locking({ executions: 2, calls: 1 });
    await Promise.all([execute('a', '1'), execute('a', '2'), execute('b', '1'), execute('b', '2')]);
    expect(executions).toStrictEqual([['a1'], ['b1'], ['a2'], ['b2']]);
    expect(maxRunning()).toBe(2);
  });

  it('wait for one that runs alone, because its row is locked; those of other rows do not', async () => {
    const { execute, alone, unlock, executions } = locking({ executions: 1, calls: 4 });
    const first = execute('a', 'locked');
    expect(await execute('b', '1')).toBe('b1');
    const second = execute('a', '2');
    expect(await execute('b', '2')).toBe('b2');
    expect(alone).toStrictEqual(['alocked']);
    unlock();
    expect(await Promise.all([first, second])).toStrictEqual(['a alone', 'a2']);
    expect(executions).toStrictEqual([['alocked', 'b1'], ['b2'], ['a2']]);
  });

  it('run alone one after the other, where they are known to take long', async () => {
    const { execute, alone, unlock, executions } = locking({ executions: 1, calls: 4 });
    const long = [execute('a', '1', 'heavy'), execute('a', '2', 'heavy'), execute('b', '1', 'heavy')];
    expect(await execute('c', '1')).toBe('c1');
    expect(alone).toStrictEqual(['a1', 'b1']);
    unlock();
    await Promise.all(long);
    expect(alone).toStrictEqual(['a1', 'b1', 'a2']);
    expect(executions).toStrictEqual([['c1']]);
  });

  it('take turns by their callers, whether they run alone or not', async () => {
    const { execute, begun, unlock, executions } = locking({ executions: 1, calls: 4 });
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
      const { execute } = locking({ executions: 1, calls: 4 });
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
    const { execute, maxRunning } = locking({ executions: 1, calls: 2 });
    const all = [execute('a', '1'), execute('b', 'wrong'), execute('a', '2'), execute('b', '2'), execute('a', '3')];
    const rows = await Promise.allSettled(all);
    expect(rows.map((row) => (row.status === 'fulfilled' ? row.value : 'failed'))).toStrictEqual([
      ...['a1', 'failed', 'a2', 'b2', 'a3'],
    ]);
    expect(maxRunning()).toBe(1);
  });
});
