import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { DocumentQueue } from './document-queue.js';

const now = () => performance.now();

describe('a queue of changes', () => {
  it('makes those of one document one after the other, and those of others beside them', async () => {
    const queue = new DocumentQueue();
    const running = { a: 0, b: 0 };
    const order: string[] = [];
    let most = 0;
    const change = (document: 'a' | 'b', n: number) =>
      queue.run(document, 'x', now(), async () => {
        order.push(`${document}${n}`);
        expect(++running[document]).toBe(1);
        most = Math.max(most, running.a + running.b);
        await sleep(1);
        running[document]--;
        if (n === 2) throw new Error('wrong');
        return n;
      });
    const results = await Promise.allSettled([1, 2, 3, 4].flatMap((n) => [change('a', n), change('b', n)]));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    expect(order.filter((one) => one.startsWith('a'))).toStrictEqual(['a1', 'a2', 'a3', 'a4']);
    expect(most).toBe(2);
    expect([queue.isBusy('a'), queue.isBusy('b')]).toStrictEqual([false, false]);
  });

  it('refuses what waited too long, and what comes when too many wait', async () => {
    vi.useFakeTimers();
    try {
      const queue = new DocumentQueue();
      let end = () => undefined as void;
      const first = queue.run('a', 'x', now(), () => new Promise<void>((resolve) => (end = resolve)));
      const waiting = Array.from({ length: 64 }, () => queue.run('a', 'x', now(), () => Promise.resolve('done')));
      const outcomes = Promise.allSettled(waiting);
      await expect(queue.run('a', 'x', now(), () => Promise.resolve('done'))).rejects.toThrow('Service unavailable');
      await vi.advanceTimersByTimeAsync(5_001);
      expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true);
      end();
      await first;
      expect(await queue.run('a', 'x', now(), () => Promise.resolve('done'))).toBe('done');
    } finally {
      vi.useRealTimers();
    }
  });
});
