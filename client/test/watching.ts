import { setTimeout as sleep } from 'node:timers/promises';
import type { TestApp } from '../../test/support/app.js';
import type { Wire } from '../../test/support/wire.js';
import { FlashbackClient, type FlashbackClientOptions } from '../src/index.js';

/** A client of the real service over a wire. @param options a `baseUrl` for what is not over the wire */
export const clientOver = (wire: Wire, app: TestApp, as: string, options: Partial<FlashbackClientOptions> = {}) =>
  new FlashbackClient({
    accessToken: () => app.tokenFor(as),
    baseUrl: wire.through(app.url).replace(/\/$/, ''),
    attemptTimeoutMs: 2_000,
    retries: 0,
    ...options,
  });

export async function until(isTrue: () => boolean, patienceMs = 20_000): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('It did not come true');
    await sleep(10);
  }
}
