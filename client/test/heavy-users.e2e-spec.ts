import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, aService, type TestOrganization } from '../../test/support/factories.js';
import { TableLock } from '../../test/support/table-lock.js';
import { FlashbackClient, type FlashbackError } from '../src/index.js';

/** Honest callers who ask for more than the service's limits allow, with the client as it is. */

vi.setConfig({ testTimeout: 300_000 });

const LIMIT = 300;

let app: TestApp;
let organizations: TestOrganization[];

beforeAll(async () => {
  app = await TestApp.start({
    RATE_LIMIT_PER_MINUTE: String(LIMIT),
    DATABASE_QUEUE_SIZE: '8',
    DATABASE_POOL_SIZE: '4',
  });
  organizations = await Promise.all(Array.from({ length: 8 }, () => anOrganization(app.dataSource)));
});
afterAll(() => app.close());

/** A client as an application has it, that notes what it was answered. */
function aClient(as: string, options: { organizationId?: string; timeoutMs?: number } = {}, statuses: number[] = []) {
  const noting: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  };
  return new FlashbackClient({ accessToken: app.tokenFor(as, 600), baseUrl: app.url, fetch: noting, ...options });
}

/** Does so many things, so many at a time. */
async function each(count: number, atATime: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

it('an import at full speed, and a dashboard beside it, finish at the pace that the limits leave', async () => {
  const service = await aService(app.dataSource, ['settings:read', 'settings:write']);
  const imported: number[] = [];
  const importers = organizations.map(({ id }) => aClient(service, { organizationId: id }, imported));
  const importing = each(LIMIT + 100, 16, (n) =>
    importers[n % importers.length]!.settings.organization.partialUpdate({ [`key${n}`]: n }),
  );
  const shown: number[] = [];
  const dashboard = aClient(organizations[0]!.user, {}, shown);
  const showing = each(LIMIT + 100, 16, () => dashboard.settings.organization.get());
  await Promise.all([importing, showing]);
  // It was beyond the limits, and each document is there.
  for (const statuses of [imported, shown]) {
    expect(statuses).toContain(429);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT + 100);
    // They came back when they were told to, not again and again.
    expect(statuses.filter((status) => status === 429).length).toBeLessThan(50);
  }
  const counts = organizations.map(async ({ user }) => {
    const { settings } = await aClient(user).settings.organization.get();
    return Object.keys(settings).length;
  });
  expect(await Promise.all(counts)).toStrictEqual(organizations.map(() => (LIMIT + 100) / organizations.length));
});

it('a migration of many at once waits for a database that has no time for it', async () => {
  const lock = await TableLock.hold(app.dataSource, 'user_settings');
  const statuses: number[] = [];
  const members = organizations.flatMap(({ owner, administrator, user }) => [owner, administrator, user]);
  const writing = Promise.all(
    members.map((member) => aClient(member, {}, statuses).settings.user.patch({ migrated: true }, { ifVersion: 0 })),
  );
  await vi.waitUntil(() => statuses.includes(503), { timeout: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  await lock.release();
  expect((await writing).map(({ version }) => version)).toStrictEqual(members.map(() => 1));
});

it('who says how long a call may take hears at once that it would take longer', async () => {
  const hasty = aClient(organizations[1]!.billing, { timeoutMs: 3_000 });
  let refusal: unknown;
  while (refusal === undefined) {
    await each(50, 10, () => hasty.settings.user.get().catch((error: unknown) => (refusal = error)));
  }
  expect(refusal).toMatchObject({ code: 'rate_limited', status: 429 });
  expect((refusal as FlashbackError).retryAfterMs).toBeGreaterThan(2_000);
});
