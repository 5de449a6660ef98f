import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Answer, type Question, SharedStatement } from './shared-statement.js';

interface Row extends Answer {
  readonly of: string;
}

/** Answers each question with its own values; what it is to take longer for, or fail on, the values say. */
function recorded(limits: { running: number; questions: number }, exclusive?: string) {
  const executions: string[][] = [];
  let running = 0;
  let mostRunning = 0;
  const execute = async ([keys, texts]: readonly Question[]): Promise<Row[]> => {
    const asked = keys!.map((key, index) => `${String(key)}${String(texts![index])}`);
    executions.push(asked);
    mostRunning = Math.max(mostRunning, ++running);
    await sleep(5);
    running--;
    if (asked.some((one) => one.endsWith('wrong'))) throw Object.assign(new Error('wrong'), { code: '22003' });
    return asked.map((of, index) => ({ place: index + 1, of }));
  };
  const asked = { question: { key: 'varchar', text: 'text' } as const, ...(exclusive !== undefined && { exclusive }) };
  const statement = new SharedStatement<Row>(asked, execute, () => undefined, limits);
  const ask = async (...question: Question) => (await statement.ask(question))?.of;
  return { ask, executions, mostRunning: () => mostRunning };
}

describe('a shared statement', () => {
  it('answers those that come together at once, as many as it may, each with its own', async () => {
    const { ask, executions } = recorded({ running: 1, questions: 3 });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((key) => ask(key, '1')));
    expect(answers).toStrictEqual(['a1', 'b1', 'c1', 'd1']);
    expect(executions).toStrictEqual([['a1', 'b1', 'c1'], ['d1']]);
  });

  it('lets one that is wrong fail alone', async () => {
    const { ask, executions } = recorded({ running: 1, questions: 3 }, 'key');
    const answers = await Promise.allSettled([ask('a', '1'), ask('b', 'wrong'), ask('c', '1')]);
    expect(answers.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(executions).toHaveLength(4);
    await expect(ask('b', '2')).resolves.toBe('b2');
  });
});

describe('questions that exclude each other', () => {
  it('are answered one after the other in their order, and keep no others waiting', async () => {
    const { ask, executions, mostRunning } = recorded({ running: 2, questions: 4 }, 'key');
    const answers = await Promise.all([ask('a', '1'), ask('a', '2'), ask('b', '1'), ask('a', '3'), ask('c', '1')]);
    expect(answers).toStrictEqual(['a1', 'a2', 'b1', 'a3', 'c1']);
    expect(executions).toStrictEqual([['a1', 'b1', 'c1'], ['a2'], ['a3']]);
    expect(mostRunning()).toBe(1);
  });

  it('go on while an execution runs that has none of them', async () => {
    const { ask, executions, mostRunning } = recorded({ running: 2, questions: 1 }, 'key');
    await Promise.all([ask('a', '1'), ask('a', '2'), ask('b', '1'), ask('b', '2')]);
    expect(executions).toStrictEqual([['a1'], ['b1'], ['a2'], ['b2']]);
    expect(mostRunning()).toBe(2);
  });
});
