import { describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../common/errors/common.errors.js';
import { TimedQueue, type QueueEntry } from './timed-queue.js';

interface Named extends QueueEntry {
  readonly name: string;
}

/** A queue, who came to it and went, and what was refused. */
function queueOf(maxOfOwner: number) {
  const queue = new TimedQueue<Named>(maxOfOwner, { retryAfterSeconds: () => 7 });
  const refused: [string, unknown][] = [];
  const push = (name: string, ownerId: string, callerId: string, since = performance.now()) =>
    queue.push({ name, ownerId, callerId, since, reject: (error) => refused.push([name, error]) });
  const take = (max: number, isWanted: (entry: Named, isNext: boolean) => boolean = () => true) =>
    queue.take(max, isWanted).map(({ name }) => name);
  return { queue, refused, push, take };
}

describe('what waits', () => {
  it('is taken in turns by owners, and within each by callers', () => {
    const { queue, push, take } = queueOf(32);
    for (const n of [1, 2, 3]) push(`a-x${n}`, 'a', 'x');
    push('a-y1', 'a', 'y');
    for (const n of [1, 2]) push(`b-z${n}`, 'b', 'z');
    expect(take(2)).toStrictEqual(['a-x1', 'b-z1']);
    expect(take(3)).toStrictEqual(['a-y1', 'b-z2', 'a-x2']);
    // Who comes anew has their turn before the next one of who had theirs.
    push('a-y2', 'a', 'y');
    push('a-x4', 'a', 'x');
    expect(take(8)).toStrictEqual(['a-x3', 'a-y2', 'a-x4']);
    expect(queue.length).toBe(0);
  });

  it('keeps its turn while it is not wanted', () => {
    const { push, take } = queueOf(32);
    push('a-x1', 'a', 'x');
    push('a-y1', 'a', 'y');
    push('b-z1', 'b', 'z');
    expect(take(8, ({ callerId }) => callerId !== 'x')).toStrictEqual(['a-y1', 'b-z1']);
    push('a-y2', 'a', 'y');
    expect(take(1, (_, isNext) => isNext)).toStrictEqual(['a-x1']);
  });

  it('goes back before what came later, and its time goes on', () => {
    vi.useFakeTimers();
    try {
      const { queue, push, refused } = queueOf(32);
      push('early', 'a', 'x');
      vi.advanceTimersByTime(3_000);
      const [early] = queue.take(1, () => true);
      push('late', 'a', 'x');
      queue.putBack([early!]);
      vi.advanceTimersByTime(2_000);
      expect(refused).toStrictEqual([['early', expect.any(UnavailableError)]]);
      vi.advanceTimersByTime(3_000);
      expect(refused.map(([name]) => name)).toStrictEqual(['early', 'late']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is refused five seconds after it came, however long it was elsewhere before', () => {
    vi.useFakeTimers();
    try {
      const { push, refused } = queueOf(32);
      push('new', 'a', 'x');
      push('old', 'b', 'y', performance.now() - 4_000);
      push('older', 'a', 'x', performance.now() - 4_500);
      vi.advanceTimersByTime(500);
      expect(refused.map(([name]) => name)).toStrictEqual(['older']);
      vi.advanceTimersByTime(500);
      expect(refused.map(([name]) => name)).toStrictEqual(['older', 'old']);
      vi.advanceTimersByTime(4_000);
      expect(refused.map(([name]) => name)).toStrictEqual(['older', 'old', 'new']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the full queue of an owner', () => {
  it('refuses whoever has the most in it', () => {
    const { queue, refused, push } = queueOf(4);
    for (const n of [1, 2, 3, 4]) push(`greedy${n}`, 'a', 'greedy');
    const refusal = expect.objectContaining({ headers: { 'Retry-After': '7' } }) as unknown;
    expect(() => push('greedy5', 'a', 'greedy')).toThrow(UnavailableError);
    push('modest1', 'a', 'modest');
    expect(refused).toStrictEqual([['greedy4', refusal]]);
    push('modest2', 'a', 'modest');
    expect(refused).toStrictEqual([
      ['greedy4', refusal],
      ['greedy3', refusal],
    ]);
    // Both have the same.
    expect(() => push('modest3', 'a', 'modest')).toThrow(UnavailableError);
    push('third', 'a', 'third');
    expect(refused).toHaveLength(3);
    expect(queue.length).toBe(4);
  });

  it('is full for that owner alone', () => {
    const { queue, refused, push } = queueOf(1);
    push('a', 'a', 'x');
    push('b', 'b', 'x');
    expect(refused).toStrictEqual([]);
    expect(queue.countOf('x')).toBe(2);
  });
});
