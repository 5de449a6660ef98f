import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../common/errors/common.errors.js';
import { TimeExceededError } from './admission.errors.js';
import { Admission, type AdmissionLimits } from './admission.js';

const UNLIMITED = { callerTime: 0, ownerTime: 0 };

/** Work that ends when it is told to, and that writes down when it began. */
function recorded(limits: AdmissionLimits) {
  const admission = new Admission(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, ownerId: string, callerId = ownerId) =>
    admission.run({ ownerId, callerId }, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string) => {
    ends.get(name)!();
    await sleep(0);
  };
  return { admission, begun, run, end };
}

afterEach(() => vi.useRealTimers());

describe('what takes long', () => {
  it('runs for one owner, and for one caller, one at a time', async () => {
    const { begun, run, end } = recorded({ running: 3, ...UNLIMITED });
    const results = [run('a1', 'a', 'x'), run('a2', 'a', 'y'), run('b1', 'b', 'x'), run('c1', 'c', 'z')];
    await sleep(0);
    expect(begun).toStrictEqual(['a1', 'c1']);
    await end('a1');
    expect(begun).toStrictEqual(['a1', 'c1', 'a2', 'b1']);
    await Promise.all(['a2', 'b1', 'c1'].map(end));
    expect(await Promise.all(results)).toStrictEqual(['a1', 'a2', 'b1', 'c1']);
  });

  it('takes turns between owners', async () => {
    const { begun, run, end } = recorded({ running: 1, ...UNLIMITED });
    const results = [run('a1', 'a'), run('a2', 'a'), run('a3', 'a'), run('b1', 'b'), run('b2', 'b')];
    for (let n = 0; n < results.length; n++) {
      await sleep(0);
      await end(begun[n]!);
    }
    expect(begun).toStrictEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
    await Promise.all(results);
  });

  it('takes turns between the callers of one owner', async () => {
    const { begun, run, end } = recorded({ running: 2, ...UNLIMITED });
    const results = [run('x1', 'a', 'x'), run('x2', 'a', 'x'), run('x3', 'a', 'x'), run('y1', 'a', 'y')];
    await sleep(0);
    await end('x1');
    results.push(run('y2', 'a', 'y'), run('z1', 'a', 'z'));
    for (const name of ['x2', 'y1', 'x3', 'z1', 'y2']) await end(name);
    expect(begun).toStrictEqual(['x1', 'x2', 'y1', 'x3', 'z1', 'y2']);
    await Promise.all(results);
  });

  it('is refused where too much waits for one caller, and nowhere else', async () => {
    const { admission, begun, run, end } = recorded({ running: 1, ...UNLIMITED });
    const first = run('first', 'a', 'x');
    const waiting = Array.from({ length: 32 }, (_, n) => run(`a${n}`, 'a', 'x'));
    const refused: unknown[] = [];
    for (const one of waiting) one.catch((error: unknown) => refused.push(error));
    await sleep(0);
    await expect(run('same caller', 'a', 'x')).rejects.toThrow(UnavailableError);
    await expect(run('of another owner', 'b', 'x')).rejects.toThrow(UnavailableError);
    // A colleague takes the place of the last one.
    const colleague = run('colleague', 'a', 'y');
    const other = run('other', 'b', 'z');
    await sleep(0);
    expect(refused).toStrictEqual([expect.any(UnavailableError)]);
    expect({ all: admission.waitingCount, mine: admission.waitingOf('x') }).toStrictEqual({ all: 33, mine: 31 });
    for (const name of ['first', 'a0', 'other', 'colleague']) await end(name);
    expect(begun).toStrictEqual(['first', 'a0', 'other', 'colleague', 'a1']);
    expect(await Promise.all([first, colleague, other])).toStrictEqual(['first', 'colleague', 'other']);
  });

  it('waits no longer than 5 s, counted from when it came', async () => {
    vi.useFakeTimers();
    const { admission, run } = recorded({ running: 1, ...UNLIMITED });
    void run('first', 'a');
    const late = admission.run({ ownerId: 'b', callerId: 'b' }, () => Promise.resolve(), performance.now() - 4_000);
    const refusal = expect(late).rejects.toThrow(UnavailableError);
    await vi.advanceTimersByTimeAsync(1_000);
    await refusal;
    expect(admission.waitingCount).toBe(0);
  });

  it('is refused with a time to come back when the caller, or the owner, has used up their time', async () => {
    vi.useFakeTimers();
    const admission = new Admission({ running: 1, callerTime: 1_000, ownerTime: 2_000 });
    const work = (ownerId: string, callerId: string, ms: number) => {
      const result = admission.run({ ownerId, callerId }, () => sleep(ms));
      result.catch(() => undefined);
      return vi.advanceTimersByTimeAsync(ms).then(() => result);
    };
    vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
    await work('a', 'x', 1_500);
    const error: unknown = await work('b', 'x', 0).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TimeExceededError);
    expect(error).toMatchObject({
      detail: 'at most 1 s of database time a minute are allowed for each caller',
      headers: { 'Retry-After': '31' },
    });
    await work('a', 'y', 600);
    await expect(work('a', 'z', 0)).rejects.toThrow('Too many requests');
    await vi.advanceTimersByTimeAsync(31_000);
    await work('b', 'x', 0);
    await work('a', 'z', 0);
    vi.restoreAllMocks();
  });
});
