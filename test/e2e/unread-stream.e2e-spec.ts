import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { EventStream } from '../support/event-stream.js';
import { aService } from '../support/factories.js';
import { recordChanges } from '../support/many-changes.js';
import { openStreams } from '../support/open-streams.js';

/** So many organizations change at a time. */
const SOME = 3_000;

/** So often, so that more is told than the operating system keeps for a connection. */
const TIMES = 16;

let app: TestApp;
let service: string;
const streams: EventStream[] = [];

beforeAll(async () => {
  app = await TestApp.start({ WATCH_POLL_MS: '100' });
  service = await aService(app.dataSource, ['settings:read']);
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await app.close();
});

async function open(headers: Record<string, string> = {}): Promise<EventStream> {
  const stream = await EventStream.open(app.url, app.tokenFor(service, 600), headers);
  streams.push(stream);
  await stream.until('ready');
  return stream;
}

const versionsOf = (stream: EventStream) =>
  new Map(stream.of('change').map(({ data }) => [data['organizationId'], data['version']]));

it(
  'a watcher who does not read is cut off when too many documents wait, and has lost nothing',
  { timeout: 120_000 },
  async () => {
    const [reader, unread] = [await open(), await open()];
    unread.incoming.pause();
    let told = 0;
    const change = async (firstOrganization: number, version: number) => {
      await recordChanges(app.dataSource, firstOrganization, SOME, version);
      told += SOME;
      await reader.untilTrue(() => reader.events.length > told, `${told} changes`, 30_000);
    };
    for (let version = 1; version <= TIMES; version++) await change(1, version);
    for (const part of [1, 2]) await change(1 + part * SOME, 1);
    expect(await openStreams(app)).toBe(2);
    for (const part of [3, 4]) await change(1 + part * SOME, 1);
    await expect.poll(() => openStreams(app), { timeout: 5_000 }).toBe(1);
    expect(reader.of('change')).toHaveLength(told);

    unread.incoming.resume();
    await unread.untilClosed();
    expect(unread.of('end')).toStrictEqual([]);
    expect(unread.of('change').length).toBeLessThan(told);
    const back = await open({ 'last-event-id': unread.lastId! });
    await back.untilTrue(() => versionsOf(back).size === 5 * SOME, 'a version of each document', 30_000);
    expect(versionsOf(back)).toStrictEqual(versionsOf(reader));
  },
);
