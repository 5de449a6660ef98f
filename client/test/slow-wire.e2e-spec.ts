import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { anOrganization, type TestOrganization } from '../../test/support/factories.js';
import { Wire } from '../../test/support/wire.js';
import { type LiveSettings, liveSettings, watchOrganizations } from '../src/live.js';
import { FlashbackClient, parse } from '../src/lossless.js';
import { AServer } from './a-server.js';

/** Live copies of the real service's documents over a wire that brings a few bytes at a time. */

/** How much of what the service says comes at a time, and how long after the last piece, in milliseconds. */
const PIECE = 7;
const PAUSE_MS = 2;

/** A slow wire that remembers what went over it, and breaks where it is told to. */
class SlowWire extends Wire {
  /** What the callers asked, and what they got, connection after connection; a byte is a character. */
  asked = '';
  readonly got: string[] = [];
  /** Where the connection breaks that has brought this last. */
  breaksAfter: RegExp | undefined;
  /** What is said meanwhile comes later, or never. */
  isHeld = false;

  constructor(target: string) {
    super(target, (near, far) => {
      near.setNoDelay(true).on('data', (chunk: Buffer) => (this.asked += chunk.toString('latin1')));
      near.pipe(far);
      this.trickle(near, far).catch(() => near.destroy());
    });
  }

  /** The ids from which callers came back. */
  get lastEventIds(): string[] {
    return [...this.asked.matchAll(/^last-event-id: (.*)\r$/gim)].map(([, id]) => id!);
  }

  private async trickle(near: Socket, far: Socket): Promise<void> {
    const at = this.got.push('') - 1;
    for await (const said of far as AsyncIterable<Buffer>) {
      for (let from = 0; from < said.length; from += PIECE) {
        do await sleep(PAUSE_MS);
        while (this.isHeld && !near.destroyed);
        const piece = said.subarray(from, from + PIECE);
        near.write(piece);
        this.got[at] += piece.toString('latin1');
        if (!this.breaksAfter?.test(this.got[at]!)) continue;
        this.breaksAfter = undefined;
        // What is written leaves first.
        await sleep(20);
        near.resetAndDestroy();
        far.destroy();
        return;
      }
    }
    near.end();
  }
}

let app: TestApp;
let wire: SlowWire;
let organization: TestOrganization;
let live: LiveSettings;
/** The document that was written last: version `n + 1`. */
let n = 0;
/** What the copy showed whenever it changed, by its version. */
const shown = new Map<number, unknown>();

beforeAll(async () => {
  app = await TestApp.start();
  wire = new SlowWire(app.url);
  await wire.mend();
  organization = await anOrganization(app.dataSource);
  await put();
  live = await liveSettings(
    new FlashbackClient({
      accessToken: () => app.tokenFor(organization.user),
      baseUrl: wire.through(app.url).replace(/\/$/, ''),
    }),
  );
  live.on('change', ({ version }) => shown.set(version, live.organization.settings));
}, 30_000);
afterAll(async () => {
  live?.close();
  await wire.cut();
  await app.close();
});

/** A document of characters with one to four bytes, and of numbers that no double holds. */
const documentOf = (version: number) =>
  `{"n":${version},"text":"${`ä${version}€𝄞漢👩🏽‍🚀\u2028`.repeat(4)}",` +
  `"ключ":{"größte":${version}${'0123456789'.repeat(4)}},` +
  `"parts":[0.1000000000000000055511151231257827${version},-9007199254740993${version},1e-400]}`;

/** Another caller writes the next version, on a wire that is none of these. */
async function put(): Promise<void> {
  const body = documentOf(++n);
  const { status } = await app.request('PUT', '/settings/organization', { as: organization.owner, body });
  expect(status).toBe(200);
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 15_000; !isTrue(); await sleep(5)) {
    if (performance.now() > end) throw new Error(`Waited for ${what}; shown: ${[...shown.keys()].join()}`);
  }
}

const isCurrent = () => live.staleForMs === 0;

const knowsLast = () => until(() => live.organization.version === n && isCurrent(), `version ${n}`);

/** The last version is shown, and whatever was shown before was a whole document, in its turn. */
function expectWhole(): void {
  expect(live.organization.settings).toStrictEqual(parse(documentOf(n)));
  for (const [version, settings] of shown) expect(settings).toStrictEqual(parse(documentOf(version)));
  expect([...shown.keys()]).toStrictEqual([...shown.keys()].sort((a, b) => a - b));
}

/** The ids of the events that came whole. */
const idsIn = (text: string) => [...text.matchAll(/\nid: (\S+)\ndata: .*\n\n/g)].map(([, id]) => id!);

describe('a live copy over a slow wire', () => {
  it('shows each last value to the last digit and character, and never less than a whole one', async () => {
    for (const pauseMs of [0, 0, 30, 100, 0, 300, 20, 0]) {
      await put();
      await sleep(pauseMs);
    }
    await knowsLast();
    await put();
    await knowsLast();
    expectWhole();
  });

  it('goes on after a break in the middle of an event, from the last one that came whole', async () => {
    wire.breaksAfter = /event: change\nid: \S+\ndata: \{"document":"organ[^}]*$/;
    const before = n;
    await put();
    await until(() => wire.breaksAfter === undefined, 'the break');
    const lastId = wire.got.flatMap(idsIn).at(-1);
    await until(() => !isCurrent(), 'a copy that is not current');
    await put();
    // Of what it has not heard yet it does not say that it is current.
    await until(() => live.organization.version !== before || isCurrent(), 'the last version');
    expect(live.organization.version).toBe(n);
    await knowsLast();
    expectWhole();
    expect(wire.lastEventIds).toStrictEqual([lastId]);
  });

  it('goes on after a break in the middle of a character', async () => {
    wire.breaksAfter = new RegExp(`"n": ?${n + 1},[^}]*\xf0[\x80-\xbf]{0,2}$`);
    await put();
    await until(() => wire.breaksAfter === undefined, 'the break');
    await knowsLast();
    expectWhole();
  });

  it('goes on after a time in which the connection is half open', async () => {
    const before = n;
    wire.isHeld = true;
    await put();
    await sleep(500);
    expect(live.organization.settings).toStrictEqual(parse(documentOf(before)));
    await put();
    wire.isHeld = false;
    await knowsLast();
    wire.isHeld = true;
    await put();
    await sleep(500);
    // As one does that has forgotten the connection.
    await wire.cut();
    wire.isHeld = false;
    await wire.mend();
    await knowsLast();
    expectWhole();
  });
});

describe.each([
  ['line feeds', '\n'],
  ['carriage returns', '\r'],
  ['both', '\r\n'],
])('a stream with %s that comes byte by byte', (_, lineEnd) => {
  it('is read to the last character', async () => {
    const changes = ['ä', '€', '𝄞', '👩🏽‍🚀', '\u2028'].map((note, index) => ({
      document: 'organization-settings',
      organizationId: `${note}-1`,
      version: String(index),
    }));
    const text = [
      ['retry: 10'],
      [': ünread'],
      ...changes.map((change) => ['event: change', `id: ${change.version}`, `data: ${JSON.stringify(change)}`]),
    ]
      .map((lines) => [...lines, '', ''].join(lineEnd))
      .join('');
    const server = await AServer.start((response) => void byByte(response, text));
    const controller = new AbortController();
    const { signal } = controller;
    const client = new FlashbackClient({ accessToken: 'x.y.z', baseUrl: server.url });
    try {
      const seen: unknown[] = [];
      for await (const version of watchOrganizations(client, { signal })) {
        if (seen.push(version) === changes.length) break;
        if (server.received.length > 1) throw new Error('The stream was over before all was read');
      }
      expect(seen).toStrictEqual(changes);
      expect(server.received).toHaveLength(1);
    } finally {
      controller.abort();
      await server.close();
    }
  });
});

async function byByte(response: ServerResponse, text: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const byte of Buffer.from(text)) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await sleep(1);
  }
}
