import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RequestWindows } from './request-windows.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('counts each key for itself, and all from one again in the next window', () => {
  const windows = new RequestWindows(1_000);
  expect(windows.count('a')).toStrictEqual({ count: 1, msLeft: 1_000 });
  vi.advanceTimersByTime(400);
  expect(windows.count('a')).toStrictEqual({ count: 2, msLeft: 600 });
  expect(windows.count('b')).toStrictEqual({ count: 1, msLeft: 600 });
  vi.advanceTimersByTime(600);
  expect(windows.count('a')).toStrictEqual({ count: 1, msLeft: 1_000 });
  vi.advanceTimersByTime(5_000);
  expect(windows.count('b')).toStrictEqual({ count: 1, msLeft: 1_000 });
});
