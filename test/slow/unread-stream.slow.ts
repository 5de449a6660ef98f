import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { EventStream } from '../support/event-stream.js';
import { aService } from '../support/factories.js';
import { recordChanges } from '../support/many-changes.js';
import { openStreams } from '../support/open-streams.js';
import { residentMemory } from '../support/resident-memory.js';

/** So many organizations change at a time: fewer than may wait. */
const ORGANIZATIONS = 3_000;

/** What is promised, and how much later it may be noticed on a busy machine, in milliseconds. */
const LIMIT_MS = 60_000;
const SLACK_MS = 15_000;

/** How much more the service may hold after a minute of changes than after the first of them, in bytes. */
const MAX_GROWTH = 48 * 1024 * 1024;

/** Until then, what is told has filled what the operating system keeps for a connection. */
const FIRST_TIMES = 16;

let app: TestApp;
const streams: EventStream[] = [];

beforeAll(async () => {
  app = await TestApp.start({ WATCH_POLL_MS: '100' });
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await app.close();
});

it('a watcher who does not read for a minute is cut off, and meanwhile costs nobody anything', async () => {
  const service = await aService(app.dataSource, ['settings:read']);
  const open = async () => {
    const stream = await EventStream.open(app.url, app.tokenFor(service, 600));
    streams.push(stream);
    await stream.until('ready');
    return stream;
  };
  const [reader, unread] = [await open(), await open()];
  unread.incoming.pause();
  const since = performance.now();
  let filledAt = Infinity;
  let first = 0;
  let most = 0;
  for (let version = 1; (await openStreams(app)) === 2; version++) {
    expect(performance.now() - filledAt).toBeLessThan(LIMIT_MS + SLACK_MS);
    await recordChanges(app.dataSource, 1, ORGANIZATIONS, version);
    const told = version * ORGANIZATIONS;
    await reader.untilTrue(() => reader.events.length > told, `${told} changes`, 30_000);
    const memory = await residentMemory(app);
    if (version <= FIRST_TIMES) {
      first = Math.max(first, memory);
      if (version === FIRST_TIMES) filledAt = performance.now();
    } else {
      most = Math.max(most, memory);
      await sleep(500);
    }
  }
  expect(performance.now() - since).toBeGreaterThan(LIMIT_MS - 1_000);
  expect(most).toBeGreaterThan(0);
  expect(most - first).toBeLessThan(MAX_GROWTH);
  await recordChanges(app.dataSource, 1, 1, Number.MAX_SAFE_INTEGER);
  await reader.untilTrue(
    () => reader.events.at(-1)!.data['version'] === String(Number.MAX_SAFE_INTEGER),
    'the last change',
  );

  unread.incoming.resume();
  await unread.untilClosed();
  expect(unread.of('end')).toStrictEqual([]);
});
