import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../common/errors/common.errors.js';
import { type Changed, SharedChange } from './shared-change.js';
import { type Question, SharedStatement, type SharingLimits } from './shared-statement.js';

interface Row extends Changed {
  readonly of: string;
}

/** Answers each question with its own values; what it is to fail on, to skip or never to end with, the values say. */
function recorded() {
  const executions: string[][] = [];
  let running = 0;
  let mostRunning = 0;
  const execute = async ([keys, texts]: readonly Question[]): Promise<Row[]> => {
    const asked = keys!.map((key, index) => `${String(key)}${String(texts![index])}`);
    executions.push(asked);
    mostRunning = Math.max(mostRunning, ++running);
    await sleep(5);
    if (asked.some((one) => one.endsWith('forever'))) await new Promise(() => undefined);
    running--;
    if (asked.some((one) => one.endsWith('wrong'))) throw Object.assign(new Error('wrong'), { code: '22003' });
    return asked.map((of, index) => ({ place: index + 1, of, isSkipped: of.endsWith('locked') }));
  };
  return { execute, executions, mostRunning: () => mostRunning };
}

function sharedStatement(limits: SharingLimits) {
  const { execute, ...records } = recorded();
  const statement = new SharedStatement<Row>(execute, () => undefined, limits);
  return { ask: async (...question: Question) => (await statement.ask(question))?.of, ...records };
}

/** In which request something happens. */
const requests = new AsyncLocalStorage<string>();

function sharedChange(limits: SharingLimits) {
  const { execute, ...records } = recorded();
  const alone: string[] = [];
  let unlock!: () => void;
  const unlocked = new Promise<void>((resolve) => (unlock = resolve));
  const runAlone = async ([key, text]: Question): Promise<Row> => {
    alone.push(`${String(key)}${String(text)}${requests.getStore() ?? ''}`);
    await unlocked;
    return { place: 1, of: `${String(key)} alone`, isSkipped: false };
  };
  const change = new SharedChange<Row>(0, runAlone, execute, () => undefined, limits);
  const ask = async (...question: Question) => (await change.ask(question))?.of;
  return { ask, alone, unlock, ...records };
}

describe('a shared statement', () => {
  it('answers those that come together at once, as many as it may, each with its own', async () => {
    const { ask, executions } = sharedStatement({ running: 1, questions: 3 });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((key) => ask(key, '1')));
    expect(answers).toStrictEqual(['a1', 'b1', 'c1', 'd1']);
    expect(executions).toStrictEqual([['a1', 'b1', 'c1'], ['d1']]);
  });

  it('lets one that is wrong fail alone', async () => {
    const { ask, executions } = sharedStatement({ running: 1, questions: 3 });
    const answers = await Promise.allSettled([ask('a', '1'), ask('b', 'wrong'), ask('c', '1')]);
    expect(answers.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(executions).toHaveLength(4);
  });

  it('has questions wait beside an execution that runs, until they are as many, or it takes long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { ask, executions } = sharedStatement({ running: 2, questions: 4 });
      const forever = [ask('a', 'forever'), ask('b', '1'), ask('c', '1')];
      await nextTurn();
      const first = [ask('d', '1'), ask('e', '1')];
      await nextTurn();
      expect(executions).toStrictEqual([['aforever', 'b1', 'c1']]);
      expect(await Promise.all([...first, ask('f', '1')])).toStrictEqual(['d1', 'e1', 'f1']);
      const fewer = ask('g', '1');
      await nextTurn();
      expect(executions.slice(1)).toStrictEqual([['d1', 'e1', 'f1']]);
      await vi.advanceTimersByTimeAsync(11);
      expect(await fewer).toBe('g1');
      // The one that still runs has taken long, whatever ran beside it meanwhile.
      expect(await Promise.all([ask('h', '1'), ask('i', '1')])).toStrictEqual(['h1', 'i1']);
      expect(await ask('j', '1')).toBe('j1');
      expect(await Promise.race([...forever, Promise.resolve('still waiting')])).toBe('still waiting');
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses a question whose turn does not come within five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const { ask } = sharedStatement({ running: 1, questions: 1 });
      const forever = ask('a', 'forever');
      const late = ask('b', '1').catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(4_000);
      const later = ask('c', '1').catch((error: unknown) => error);
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

describe('shared changes of one row', () => {
  it('are made one after the other in their order, and keep no others waiting', async () => {
    const { ask, executions, mostRunning } = sharedChange({ running: 2, questions: 4 });
    const answers = await Promise.all([ask('a', '1'), ask('a', '2'), ask('b', '1'), ask('a', '3'), ask('c', '1')]);
    expect(answers).toStrictEqual(['a1', 'a2', 'b1', 'a3', 'c1']);
    expect(executions).toStrictEqual([['a1', 'b1', 'c1'], ['a2'], ['a3']]);
    expect(mostRunning()).toBe(1);
  });

  it('go on while an execution runs that has none of them', async () => {
    const { ask, executions, mostRunning } = sharedChange({ running: 2, questions: 1 });
    await Promise.all([ask('a', '1'), ask('a', '2'), ask('b', '1'), ask('b', '2')]);
    expect(executions).toStrictEqual([['a1'], ['b1'], ['a2'], ['b2']]);
    expect(mostRunning()).toBe(2);
  });

  it('wait for one that is locked, which is made alone; those of other rows do not', async () => {
    const { ask, alone, unlock, executions } = sharedChange({ running: 1, questions: 4 });
    const ofOne = [ask('a', 'locked'), ask('a', '2')];
    expect(await ask('b', '1')).toBe('b1');
    expect(await ask('b', '2')).toBe('b2');
    expect(alone).toStrictEqual(['alocked']);
    unlock();
    expect(await Promise.all(ofOne)).toStrictEqual(['a alone', 'a2']);
    expect(executions).toStrictEqual([['alocked', 'b1'], ['b2'], ['a2']]);
  });

  it('belong to the request that asked, also where they are made alone', async () => {
    const { ask, alone, unlock, executions } = sharedChange({ running: 1, questions: 4 });
    const asked = ['1', '2'].map((request) => requests.run(request, () => ask(`row ${request} `, 'locked')));
    unlock();
    await Promise.all(asked);
    expect(executions).toHaveLength(1);
    expect(alone).toStrictEqual(['row 1 locked1', 'row 2 locked2']);
  });

  it('go on after one that was wrong among others', async () => {
    const { ask, mostRunning } = sharedChange({ running: 1, questions: 2 });
    const all = [ask('a', '1'), ask('b', 'wrong'), ask('a', '2'), ask('b', '2'), ask('a', '3')];
    const answers = await Promise.allSettled(all);
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'failed'))).toStrictEqual([
      ...['a1', 'failed', 'a2', 'b2', 'a3'],
    ]);
    expect(mostRunning()).toBe(2);
  });
});
