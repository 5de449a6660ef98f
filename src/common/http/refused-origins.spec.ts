import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefusedOrigins } from './refused-origins.js';

let told: string[] = [];
let origins: RefusedOrigins;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  told = [];
  origins = new RefusedOrigins((origin) => told.push(origin));
});
afterEach(() => vi.useRealTimers());

describe('an origin that is refused', () => {
  it('is told of at most once in any minute, whenever the others came', () => {
    origins.note('https://a.example');
    vi.advanceTimersByTime(59_000);
    origins.note('https://b.example');
    vi.advanceTimersByTime(2_000);
    origins.note('https://a.example');
    origins.note('https://b.example');
    expect(told).toStrictEqual(['https://a.example', 'https://b.example', 'https://a.example']);
    vi.advanceTimersByTime(57_000);
    origins.note('https://b.example');
    vi.advanceTimersByTime(1_000);
    origins.note('https://b.example');
    expect(told).toStrictEqual(['https://a.example', 'https://b.example', 'https://a.example', 'https://b.example']);
  });

  it('is one of a hundred in a minute, at most', () => {
    for (let n = 0; n < 150; n++) origins.note(`https://x${n}.example`);
    expect(told).toHaveLength(100);
    vi.advanceTimersByTime(60_000);
    for (let n = 0; n < 150; n++) origins.note(`https://x${n}.example`);
    expect(told).toHaveLength(200);
  });
});
