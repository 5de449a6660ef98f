import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import type { ServiceAccount } from './service-account.entity.js';
import type { ServiceAccountRepository } from './service-account.repository.js';
import { FRESH_MS, ServiceLimits } from './service-limits.js';

afterEach(() => vi.restoreAllMocks());

/** Makes it a minute later. The cache looks at the clock once a millisecond. */
async function aMinuteLater(): Promise<void> {
  const later = performance.now() + FRESH_MS + 10;
  vi.spyOn(performance, 'now').mockReturnValue(later);
  await sleep(10);
}

const account = (rateLimitPerMinute: number | null) => ({ id: 'backup', rateLimitPerMinute }) as ServiceAccount;

function limitsOf(...found: (ServiceAccount | null | Error)[]) {
  const looks = vi.fn(() => {
    const next = found.shift()!;
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
  return { limits: new ServiceLimits({ findActive: looks } as unknown as ServiceAccountRepository), looks };
}

it('knows what was read, and for how long that is fresh', async () => {
  const { limits } = limitsOf();
  expect([limits.recall('backup'), limits.isFresh('backup')]).toStrictEqual([undefined, false]);
  limits.remember(account(5));
  expect([limits.recall('backup'), limits.isFresh('backup')]).toStrictEqual([5, true]);
  await aMinuteLater();
  expect([limits.recall('backup'), limits.isFresh('backup')]).toStrictEqual([5, false]);
  expect(limits.recall('backup')).toBe(5);
});

it('looks once for all who ask, and remembers what it finds, also that it is nothing', async () => {
  const { limits, looks } = limitsOf(account(7), null);
  limits.remember(account(5));
  await aMinuteLater();
  expect(await Promise.all([limits.lookUp('backup'), limits.lookUp('backup')])).toStrictEqual([7, 7]);
  expect(await limits.lookUp('somebody')).toBeUndefined();
  expect(limits.isFresh('somebody')).toBe(true);
  expect(looks).toHaveBeenCalledTimes(2);
});

it('keeps what it knows when it finds nothing out', async () => {
  const { limits } = limitsOf(new Error('away'));
  limits.remember(account(5));
  await aMinuteLater();
  await expect(limits.lookUp('backup')).rejects.toThrow('away');
  expect(limits.recall('backup')).toBe(5);
});
