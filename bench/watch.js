/**
 * Measures watching: what open streams take, how soon watchers are told, what writes pay for it, and what a service
 * that reads a thousand organizations sends by polling, conditional polling, waiting reads and a live copy. See
 * README.md.
 */
import { randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { note, Session, wholeNumber } from './session.js';
import { medianInterval } from './statistics.js';

const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';

/** No limit of the service is to be what is measured. */
const UNLIMITED = {
  LOG_LEVEL: 'warn',
  RATE_LIMIT_PER_MINUTE: '0',
  RATE_LIMIT_ORGANIZATION_PER_MINUTE: '0',
  WATCH_PER_CALLER: '10000',
  WATCH_PER_ORGANIZATION: '100000',
  WATCH_MAX: '100000',
};

/** How many streams are opened at the same time. */
const OPENING = 64;

const SETTINGS = '/settings/organization';

const { values } = parseArgs({ options: { streams: { type: 'string', default: '10000' } } });

async function measure(session) {
  const streams = wholeNumber('streams', values.streams);
  const database = await session.createDatabase();
  const [first, second] = [
    session.server('service', { environment: UNLIMITED }),
    session.server('service', { environment: UNLIMITED }),
  ];
  await first.start(session.signal);
  await second.start(session.signal);
  await database.seed({ organizations: 1_000, members: streams });
  const tokenOf = session.issuer();
  const ids = await database.ids(streams);
  const owner = (n) => tokenOf(ids.owners[n]);
  const results = {};

  note(`${streams} streams of one organization's members on one instance`);
  const idleBytes = await metric(first, 'process_resident_memory_bytes');
  const watchers = await openAll(
    first,
    ids.members.map((id) => tokenOf(id)),
  );
  await sleep(2_000);
  const bytes = await metric(first, 'process_resident_memory_bytes');
  results['kB of memory for each stream'] = round((bytes - idleBytes) / streams / 1000);
  const since = { cpu: first.cpuMicroseconds(), at: performance.now() };
  await sleep(10_000);
  const core = (first.cpuMicroseconds() - since.cpu) / 1000 / (performance.now() - since.at);
  results['% of a core while nothing happens'] = round(core * 100);

  const toldBefore = watchers.map((watcher) => watcher.changes.length);
  const changed = performance.now();
  await put(first, owner(0), { everybody: 1 });
  await until(() => watchers.every(({ changes }, n) => changes.length > toldBefore[n]), 30_000);
  const delays = watchers.map(({ changes }) => changes.at(-1) - changed);
  results[`ms until all ${streams} are told of one change`] = round(Math.max(...delays));
  for (const watcher of watchers) watcher.close();
  await sleep(1_000);

  note('how soon one watcher is told');
  results['ms until told, same instance'] = await delaysOf(first, first, owner, 200);
  results['ms until told, other instance, without Redis'] = await delaysOf(first, second, owner, 20);
  const redis = { ...UNLIMITED, REDIS_URL };
  const third = session.server('service', { environment: redis });
  const fourth = session.server('service', { environment: redis });
  await third.start(session.signal);
  await fourth.start(session.signal);
  results['ms until told, other instance, with Redis'] = await delaysOf(third, fourth, owner, 100);

  note('what writes pay for 1,000 watchers of other documents');
  const others = await openAll(
    second,
    Array.from({ length: 999 }, (_, n) => owner(n + 1)),
  );
  const ratios = [];
  for (let round = 0; round < 41; round++) {
    const order = round % 2 === 0 ? [first, second] : [second, first];
    const rates = new Map();
    for (const server of order) rates.set(server, await writesASecond(server, owner(0)));
    // The first warms up.
    if (round > 0) ratios.push(rates.get(second) / rates.get(first));
  }
  for (const watcher of others) watcher.close();
  const { median, low, high } = medianInterval(ratios);
  const ratio = { median: round3(median), from: round3(low), to: round3(high) };
  results['writes with 1,000 watchers, as a ratio to those without'] = ratio;

  note('a service that makes 1,000 reads a second of 1,000 organizations');
  const service = await database.createService();
  const token = tokenOf(service);
  for (const [name, run] of Object.entries(COMPARED)) {
    const before = { cpu: first.cpuMicroseconds(), count: await requestsOf(first) };
    const at = performance.now();
    const end = await run(first, token, ids.organizations, 10_000);
    const seconds = (performance.now() - at) / 1000;
    const cpu = (first.cpuMicroseconds() - before.cpu) / 1e6 / seconds;
    results[name] = {
      'requests a second': round(((await requestsOf(first)) - before.count - 1) / seconds),
      '% of a core': round(cpu * 100),
    };
    await end?.();
  }
  console.log(JSON.stringify(results, null, 2));
}

const round = (value) => Math.round(value * 10) / 10;
const round3 = (value) => Math.round(value * 1000) / 1000;

/** Opens a stream with each token. @returns the watchers, once each has its `ready` */
async function openAll(server, tokens) {
  const watchers = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: OPENING }, async () => {
      for (let n = next++; n < tokens.length; n = next++) watchers.push(await openStream(server, tokens[n]));
    }),
  );
  return watchers;
}

/** @returns when changes came, and how to close the stream */
function openStream({ origin }, token, headers = {}, onData) {
  return new Promise((resolve, reject) => {
    const changes = [];
    const sent = { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers };
    const outgoing = request(`${origin}/settings/stream`, { headers: sent, agent: false }, (incoming) => {
      if (incoming.statusCode !== 200) return reject(new Error(`A stream was answered with ${incoming.statusCode}`));
      incoming.setEncoding('latin1').on('data', (text) => {
        if (text.includes('event: ready')) resolve({ changes, close: () => outgoing.destroy() });
        if (text.includes('event: change')) changes.push(performance.now());
        onData?.(text);
      });
      incoming.on('error', () => undefined);
    });
    outgoing.on('error', reject).end();
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

/** @returns the status and the tag of the reply */
function send({ origin }, method, path, token, { body, headers } = {}) {
  const payload = body && JSON.stringify(body);
  const sent = {
    authorization: `Bearer ${token}`,
    ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}${path}`, { method, headers: sent, agent }, (incoming) => {
      incoming.resume().on('end', () => resolve({ status: incoming.statusCode, tag: incoming.headers.etag }));
    });
    outgoing.on('error', reject).end(payload);
  });
}

async function put(server, token, body) {
  const { status } = await send(server, 'PUT', SETTINGS, token, { body });
  if (status !== 200) throw new Error(`A change was answered with ${status}`);
}

async function until(isTrue, patienceMs) {
  const end = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('Not everybody was told in time');
    await sleep(1);
  }
}

/** From the reply to a change at one instance until a watcher at another is told. */
async function delaysOf(from, to, owner, times) {
  const watcher = await openStream(to, owner(0));
  const delays = [];
  for (let n = 0; n < times; n++) {
    await sleep(randomInt(20, 60));
    const before = watcher.changes.length;
    const sent = performance.now();
    await put(from, owner(0), { delay: `${sent}` });
    await until(() => watcher.changes.length > before, 10_000);
    delays.push(watcher.changes.at(-1) - sent);
  }
  watcher.close();
  delays.sort((a, b) => a - b);
  return { median: round(delays[times >> 1]), p99: round(delays[Math.ceil(times * 0.99) - 1]) };
}

async function writesASecond(server, token) {
  const end = performance.now() + 500;
  let count = 0;
  const since = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (; performance.now() < end; count++) await put(server, token, { [`w${writer}`]: count });
    }),
  );
  return count / (performance.now() - since);
}

async function metric({ origin }, name) {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

/** How many requests the service answered. */
async function requestsOf({ origin }) {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const counts = text.matchAll(/^http_request_duration_seconds_count\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Reads of random organizations, 1,000 a second. */
async function readAThousandTimesASecond(read, organizations, ms) {
  const since = performance.now();
  const running = new Set();
  for (let sent = 0; performance.now() - since < ms;) {
    for (; sent < performance.now() - since; sent++) {
      const reading = read(organizations[randomInt(organizations.length)]);
      running.add(reading);
      void reading.finally(() => running.delete(reading));
    }
    await sleep(1);
  }
  await Promise.all(running);
}

const COMPARED = {
  'by polling': (server, token, organizations, ms) =>
    readAThousandTimesASecond(
      (id) => send(server, 'GET', SETTINGS, token, { headers: { 'x-organization-id': id } }),
      organizations,
      ms,
    ),
  'by polling with If-None-Match': async (server, token, organizations, ms) => {
    const tags = new Map();
    const read = async (id) => {
      const known = tags.get(id);
      const headers = { 'x-organization-id': id, ...(known && { 'if-none-match': known }) };
      const { tag } = await send(server, 'GET', SETTINGS, token, { headers });
      tags.set(id, tag);
    };
    await readAThousandTimesASecond(read, organizations, ms);
  },
  'by waiting reads': async (server, token, organizations, ms) => {
    let isOver = false;
    const waiting = organizations.map(async (id) => {
      for (let tag; !isOver;) {
        const headers = { 'x-organization-id': id, ...(tag && { 'if-none-match': tag }) };
        const reply = await send(server, 'GET', `${SETTINGS}?wait=5`, token, { headers });
        tag = reply.tag;
      }
    });
    await sleep(ms);
    isOver = true;
    return () => Promise.all(waiting);
  },
  'with the live copy': async (server, token, organizations, ms) => {
    const { FlashbackClient } = await import('../client/dist/esm/index.js');
    const { liveOrganizations } = await import('../client/dist/esm/live.js');
    const live = await liveOrganizations(new FlashbackClient({ accessToken: token, baseUrl: server.origin }));
    await readAThousandTimesASecond(async (id) => live.get(id, 'a'), organizations, ms);
    return () => live.close();
  },
};

await Session.run(measure);
