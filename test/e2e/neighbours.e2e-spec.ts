import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, type RequestOptions, TestApp } from '../support/app.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { residentMemory } from '../support/resident-memory.js';
import { TableLock } from '../support/table-lock.js';

vi.setConfig({ testTimeout: 120_000 });

const DOCUMENT = '/settings/organization';

/** 28,000 keys: near the limit of a document's size, and slow to patch. */
const LARGE = Object.fromEntries(Array.from({ length: 28_000 }, (_, n) => [`key${n}`, n]));

/** Ten times what others may notice, in milliseconds. */
const PATIENCE_MS = 2_500;

let app: TestApp;
let rude: TestOrganization;
let polite: TestOrganization[];

beforeAll(async () => {
  app = await TestApp.start({ DATABASE_TIME_PER_CALLER: '5' });
  rude = await anOrganization(app.dataSource);
  polite = await Promise.all(Array.from({ length: 4 }, () => anOrganization(app.dataSource)));
  const body = { settings: LARGE };
  expect((await app.request('POST', '/settings/user', { as: rude.user, body })).status).toBe(200);
  expect((await app.request('POST', DOCUMENT, { as: rude.owner, body })).status).toBe(200);
  for (const { owner } of polite) await app.request('PUT', DOCUMENT, { as: owner, body: { theme: 'dark' } });
});
afterAll(() => app.close());

describe('one caller who asks for as much as they can', () => {
  it.each<[string, (n: number) => Promise<Answer>]>([
    [
      'merge patches of a large document of their own',
      (n) => patch('/settings/user', rude.user, 'application/merge-patch+json', { [`key${n % 100}`]: `a${n}` }),
    ],
    [
      'JSON Patches of 256 operations',
      (n) =>
        patch(
          DOCUMENT,
          rude.owner,
          'application/json-patch+json',
          Array.from({ length: 256 }, (_, place) => ({ op: 'copy', from: '/key1', path: `/copy${n}-${place}` })),
        ),
    ],
    ['differences of versions', () => app.request('GET', `${DOCUMENT}/versions/1/diff?from=0`, { as: rude.owner })],
    ['events', () => app.request('POST', '/systemevent', { as: rude.owner, body: { skip: 0, take: 100 } })],
  ])('takes nothing from the others: %s', async (_, ask) => {
    let isOver = false;
    const statuses = new Set<number>();
    const attackers = Array.from({ length: 24 }, async (_, attacker) => {
      for (let n = attacker; !isOver; n += 24) statuses.add((await ask(n)).status);
    });
    try {
      for (let round = 0; round < 25; round++) {
        const start = performance.now();
        const answers = await Promise.all(
          polite.flatMap(({ owner, user }) => [
            app.request('GET', DOCUMENT, { as: user }),
            app.request('PUT', DOCUMENT, { as: owner, body: { [`round${round}`]: round } }),
            app.request('GET', `${DOCUMENT}/versions?limit=5`, { as: owner }),
          ]),
        );
        expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 200));
        expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
      }
    } finally {
      isOver = true;
      await Promise.all(attackers);
    }
    // Whatever became of them, they were told so in the documented words.
    expect([200, 409, 413, 429, 503]).toEqual(expect.arrayContaining([...statuses]));
  });

  it('is told when their time in the database is used up, and when to come back', async () => {
    // Nothing of theirs is used up yet, however long the tests before took.
    const { id, user } = await anOrganization(app.dataSource);
    const answers = [await app.request('POST', '/settings/user', { as: user, body: { settings: LARGE } })];
    while (answers.at(-1)!.status !== 429) {
      const body = { [`key${answers.length}`]: 'again' };
      answers.push(await patch('/settings/user', user, 'application/merge-patch+json', body));
    }
    const tag = answers.findLast(({ status }) => status === 200)!.headers['etag'] as string;
    const { body, headers } = answers.at(-1)!;
    expect(body).toStrictEqual({
      success: false,
      message: 'Too many requests',
      error: 'at most 5 s of database time a minute are allowed for each caller',
    });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(headers['x-error-code']).toBe('TOO_MANY_REQUESTS');
    // A large document takes time, too; what takes none is not refused.
    const read = (options: RequestOptions = {}) => app.request('GET', '/settings/user', { as: user, ...options });
    // A little has come back since, and comes back while they read.
    let statuses: number[] = [];
    for (let n = 0; n < 50 && !statuses.includes(429); n++) {
      statuses = (await Promise.all(Array.from({ length: 8 }, () => read()))).map(({ status }) => status);
    }
    expect(statuses).toContain(429);
    expect((await read({ headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await app.request('GET', `/organization/${id}`, { as: user })).status).toBe(200);
  });
});

it('is told so for small changes of a large document, where callers share no statement, too', async () => {
  const mine = await TestApp.start({ DATABASE_TIME_PER_CALLER: '1', DATABASE_SHARED_STATEMENTS: 'false' });
  const { user } = await anOrganization(mine.dataSource);
  const statuses = [(await mine.request('POST', '/settings/user', { as: user, body: { settings: LARGE } })).status];
  while (statuses.at(-1) === 200 && statuses.length < 1_000) {
    const body = { [`key${statuses.length}`]: 'again' };
    statuses.push((await mine.request('PUT', '/settings/user', { as: user, body })).status);
  }
  await mine.close();
  expect(statuses.at(-1)).toBe(429);
});

it('leaves no more garbage of large documents in memory than they themselves are', async () => {
  const mine = await TestApp.start({ DATABASE_TIME_PER_CALLER: '0', DATABASE_TIME_PER_OWNER: '0' });
  const { owner } = await anOrganization(mine.dataSource);
  const settings = Object.fromEntries(Array.from({ length: 18_000 }, (_, n) => [`key${n}`, `value ${n}`]));
  expect((await mine.request('POST', DOCUMENT, { as: owner, body: { settings } })).status).toBe(200);
  const before = await residentMemory(mine);
  let peak = before;
  const read = async () => {
    const headers = { authorization: `Bearer ${mine.tokenFor(owner)}` };
    const reply = await fetch(`${mine.url}${DOCUMENT}`, { headers });
    expect(reply.status).toBe(200);
    // Not looked at, because that takes longer than the read.
    await reply.arrayBuffer();
  };
  for (let round = 0; round < 25; round++) {
    await Promise.all(Array.from({ length: 24 }, read));
    peak = Math.max(peak, await residentMemory(mine));
  }
  await mine.close();
  expect(peak - before).toBeLessThan(150 * 2 ** 20);
});

describe('what waits in vain for a turn', () => {
  it('is told to come back, and was not made', async () => {
    const { owner } = polite[0]!;
    const { body } = await app.request('POST', '/systemevent', { as: owner, body: { take: 1 } });
    const [{ id }] = (body as { events: [{ id: number }] }).events;
    const lock = await TableLock.hold(app.dataSource, 'event_reads');
    // One caller has one connection at a time for them.
    const mark = () => app.request('POST', '/systemevent/read', { as: owner, body: { id } });
    const marks = Array.from({ length: 4 }, mark);
    await lock.isWaitedFor(1);
    await sleep(5_300);
    await lock.release();
    const statuses = (await Promise.all(marks)).map(({ status }) => status);
    expect(statuses.toSorted()).toStrictEqual([200, 503, 503, 503]);
  });
});

function patch(path: string, as: string, type: string, body: unknown): Promise<Answer> {
  return app.request('PATCH', path, { as, body, headers: { 'content-type': type } });
}
