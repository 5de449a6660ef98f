import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { HAS_REDIS, REDIS_URL } from '../support/redis.js';
import { Wire } from '../support/wire.js';

/** How two instances hear of each other's changes. */

const PATH = '/settings/organization';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
  organization = await anOrganization(app.dataSource);
});
afterAll(() => app.close());

let count = 0;

/** How long it takes until who waits at one instance hears of a change that the other made, in milliseconds. */
async function delay(from: TestApp, to: TestApp): Promise<number> {
  const before = await to.request('GET', PATH, { as: organization.owner });
  const answer = to.request('GET', `${PATH}?wait=30`, {
    as: organization.owner,
    headers: { 'if-none-match': before.headers['etag'] as string },
  });
  // Where the wait below fails, the reply is nobody's.
  answer.catch(() => undefined);
  const isWaiting = async () =>
    /^settings_watchers\{kind="waiting-read"\} 1$/m.test((await to.request('GET', '/metrics')).text);
  for (const end = performance.now() + 10_000; !(await isWaiting()); await sleep(10)) {
    if (performance.now() > end) throw new Error('After 10 s the metrics do not show exactly one waiting read');
  }
  const body = { change: ++count };
  await from.request('PUT', PATH, { as: organization.owner, body });
  const since = performance.now();
  expect((await answer).body).toMatchObject({ settings: body });
  return performance.now() - since;
}

async function slowest(times: number, from: TestApp, to: TestApp): Promise<number> {
  const delays: number[] = [];
  for (let n = 0; n < times; n++) delays.push(await delay(from, to));
  return Math.max(...delays);
}

describe.runIf(HAS_REDIS)('two instances with one Redis', () => {
  it('hear of changes at once; while it is away within a poll, and at once again when it is back', async () => {
    const wire = new Wire(REDIS_URL);
    await wire.mend();
    const variables = { REDIS_URL: wire.through(REDIS_URL) };
    const [first, second] = [
      await TestApp.start(variables, app.database),
      await TestApp.start(variables, app.database),
    ];
    try {
      // Polls alone would take 2.5 s in the mean.
      expect(await slowest(5, first, second)).toBeLessThan(1_500);
      await wire.cut();
      expect(await slowest(2, first, second)).toBeLessThan(10_000);
      await wire.mend();
      await sleep(2_500);
      expect(await slowest(5, second, first)).toBeLessThan(1_500);
    } finally {
      await Promise.all([first.close(), second.close()]);
      await wire.cut();
    }
  });

  it('believe no message of somebody else', async () => {
    const { Redis } = await import('ioredis');
    const publisher = new Redis(REDIS_URL);
    const reader = await TestApp.start({ REDIS_URL }, app.database);
    try {
      for (const message of ['', 'x', `x organization-settings ${organization.id}`, 'x user-settings a b', 'x y z']) {
        await publisher.publish('flashback:changes', message);
      }
      const { status } = await reader.request('GET', `${PATH}?wait=1`, {
        as: organization.owner,
        headers: {
          'if-none-match': (await app.request('GET', PATH, { as: organization.owner })).headers['etag'] as string,
        },
      });
      expect(status).toBe(304);
    } finally {
      publisher.disconnect();
      await reader.close();
    }
  });
});

describe('two instances without Redis', () => {
  it('hear of changes within a poll', async () => {
    const second = await TestApp.start({}, app.database);
    try {
      expect(await slowest(5, app, second)).toBeLessThan(5_000);
    } finally {
      await second.close();
    }
  });
});
