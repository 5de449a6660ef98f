import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Probe } from './probe.js';

let answer: () => Promise<unknown>;
let checks: number;
let probe: Probe;
let logged: string[];

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  for (const level of ['log', 'warn'] as const) {
    vi.spyOn(Logger.prototype, level).mockImplementation(
      (message: unknown) => void logged.push(`${level} ${String(message)}`),
    );
  }
  checks = 0;
  answer = () => Promise.resolve();
  probe = new Probe('It', () => {
    checks++;
    return answer();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const isAway = () => Promise.reject(new Error('connect ECONNREFUSED'));

describe('a probe', () => {
  it('asks once for all who want to know at the same time, and for a second after', async () => {
    expect(await Promise.all([probe.isUp(), probe.isUp(), probe.isUp()])).toStrictEqual([true, true, true]);
    vi.advanceTimersByTime(999);
    expect(await probe.isUp()).toBe(true);
    expect(checks).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await probe.isUp()).toBe(true);
    expect(checks).toBe(2);
  });

  it('asks again at once while there is no answer', async () => {
    answer = isAway;
    expect(await Promise.all([probe.isUp(), probe.isUp()])).toStrictEqual([false, false]);
    expect(checks).toBe(1);
    answer = () => Promise.resolve();
    expect(await probe.isUp()).toBe(true);
  });

  it('waits two seconds for an answer', async () => {
    answer = () => new Promise(() => undefined);
    const answered = vi.fn();
    const asked = probe.isUp().then(answered);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(answered).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await asked;
    expect(answered).toHaveBeenCalledExactlyOnceWith(false);
    expect(logged).toStrictEqual(['warn It is away: no answer within 2000 ms']);
  });

  it('says once that something went away, and once that it is back', async () => {
    answer = isAway;
    for (let n = 0; n < 3; n++) await probe.isUp();
    answer = () => Promise.resolve();
    for (let n = 0; n < 3; n++) await probe.isUp();
    expect(logged).toStrictEqual(['warn It is away: connect ECONNREFUSED', 'log It is back']);
  });
});
