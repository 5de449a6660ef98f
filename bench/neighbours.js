/** Measures what others notice of one caller who asks for as much as they can. See README.md. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { exchange } from './load/exchange.js';
import { fixed, tableOf, whole } from './report/markdown.js';
import { note, Session, UsageError } from './session.js';

/** How long each attack takes, in seconds: in a whole run, and in a short one. */
const SECONDS = 8;
const SHORT_SECONDS = 2;

/** Others, each in an organization of their own, who send one request after the other with a pause between them. */
const OTHERS = 16;
const PAUSE_MS = 50;

/** What they may notice. */
const MAX_P95_MS = 250;
const MAX_MEGABYTES = 400;

/** Near the limit of a document's size, and slow to change. */
const LARGE = Object.fromEntries(Array.from({ length: 18_000 }, (_, n) => [`key${n}`, `value ${n}`]));
/** The same as text, to be continued. */
const LARGE_TEXT = JSON.stringify(LARGE).slice(0, -1);

const DOTS = JSON.stringify({ keys: ['.'.repeat(1_000_000)] });
const BRACKETS = '['.repeat(1_000_000);
const EVENTS = 300_000;
const SETTINGS = '/settings/organization';
const OWN_SETTINGS = '/settings/user';
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

const operations = (operationOf) => Array.from({ length: 256 }, (_, place) => operationOf(place));

/**
 * What one caller does, at most `at` at a time and `perSecond` in a second. `isShort`: also in a short run.
 *
 * @type {Record<string, { at: number, perSecond?: number, isShort?: boolean, request?: (n: number) => object }>}
 */
const ATTACKS = {
  nothing: { at: 0, isShort: true },
  'merge patches of a large document': {
    at: 24,
    perSecond: 60,
    isShort: true,
    request: (n) => ({ method: 'PATCH', path: SETTINGS, type: MERGE_PATCH, body: { [`key${n % 100}`]: `a${n}` } }),
  },
  'JSON Patches of 256 copies': {
    at: 16,
    isShort: true,
    request: (n) => ({
      method: 'PATCH',
      path: SETTINGS,
      type: JSON_PATCH,
      body: operations((place) => ({ op: 'copy', from: '/key1', path: `/copy${n}-${place}` })),
    }),
  },
  'JSON Patches of 256 operations within a large member': {
    at: 16,
    request: (n) => ({
      method: 'PATCH',
      path: OWN_SETTINGS,
      type: JSON_PATCH,
      body: operations((place) => ({ op: 'replace', path: `/large/key${place}`, value: n })),
    }),
  },
  'differences of old versions': {
    at: 32,
    isShort: true,
    request: (n) => ({ path: `${OWN_SETTINGS}/versions/${(n % 8) + 3}/diff?from=1` }),
  },
  'events, of 300,000': {
    at: 24,
    isShort: true,
    request: () => ({ method: 'POST', path: '/systemevent', body: { skip: 0, take: 100 } }),
  },
  'events that nobody made': {
    at: 24,
    request: () => ({ method: 'POST', path: '/systemevent', body: { userId: 'nobody', showUnread: true } }),
  },
  'replacements by half a megabyte': {
    at: 16,
    perSecond: 34,
    isShort: true,
    request: (n) => ({ method: 'POST', path: SETTINGS, text: `{"settings":${LARGE_TEXT},"n":${n}}}` }),
  },
  'dry runs of a large document': {
    at: 16,
    request: (n) => ({ method: 'PUT', path: `${SETTINGS}?dryRun=true`, body: { n } }),
  },
  'restores of a large document': {
    at: 16,
    request: (n) => ({ method: 'POST', path: `${OWN_SETTINGS}/versions/${(n % 9) + 1}/restore` }),
  },
  'versions by the hundred': { at: 24, request: () => ({ path: `${SETTINGS}/versions?limit=100` }) },
  'deletions with a megabyte of dots': {
    at: 16,
    request: () => ({ method: 'DELETE', path: SETTINGS, text: DOTS }),
  },
  'bodies of a megabyte that are no JSON': {
    at: 16,
    request: () => ({ method: 'PUT', path: SETTINGS, text: BRACKETS }),
  },
  'changes that a precondition refuses': {
    at: 24,
    request: () => ({ method: 'PUT', path: SETTINGS, body: { a: 1 }, headers: { 'If-Match': '"1-x"' } }),
  },
  'requests without a token': { at: 64, request: () => ({ path: SETTINGS, isAnonymous: true }) },
  'reads of an own large document': { at: 24, request: () => ({ path: SETTINGS }) },
};

/** Who has much to do, and does as `Retry-After` says. */
const HONEST = {
  'a dashboard: 500 reads a second': { at: 32, perSecond: 500, ofEach: true, request: () => ({ path: SETTINGS }) },
  'an import: a document for each organization': {
    at: 16,
    ofEach: true,
    request: (n) => ({ method: 'POST', path: SETTINGS, body: { settings: { imported: n } } }),
  },
  'a migration: a merge patch of each document': {
    at: 16,
    ofEach: true,
    request: (n) => ({ method: 'PATCH', path: SETTINGS, type: MERGE_PATCH, body: { migrated: n } }),
  },
};

await Session.run(async (session) => {
  const isShort = readOptions();
  const seconds = isShort ? SHORT_SECONDS : SECONDS;
  const database = await session.createDatabase();
  const server = session.server('service', { environment: { RATE_LIMIT_PER_MINUTE: '60000' } });
  await server.start(session.signal);
  const tokenFor = session.issuer();
  await database.seed({ organizations: OTHERS + 1 });
  const [rude, ...others] = (await database.owners()).map(({ organization, userId }) => ({
    organizationId: organization,
    token: tokenFor(userId),
  }));
  const service = tokenFor(await database.addService());
  await prepare({ database, server, rude });
  const rows = [['one caller', 'their requests', 'refused', 'others', 'refused', 'p50', 'p95', 'memory']];
  const all = { ...ATTACKS, ...HONEST };
  for (const [name, attack] of Object.entries(all)) {
    if (isShort && attack.isShort !== true) continue;
    note(`Measuring: ${name} ...`);
    const { rudeOnes, politeOnes, megabytes } = await measure({ server, attack, rude, others, service, seconds });
    const p95 = quantile(politeOnes, 0.95);
    const refused = politeOnes.filter(({ status }) => status !== 200);
    rows.push([
      name,
      whole(rudeOnes.length),
      whole(rudeOnes.filter(({ status }) => status >= 400).length),
      whole(politeOnes.length),
      whole(refused.length),
      `${fixed(quantile(politeOnes, 0.5), 0)} ms`,
      `${fixed(p95, 0)} ms`,
      `${whole(megabytes)} MB`,
    ]);
    const problems = [
      refused.length > 0 && `${refused.length} of the others' requests were refused, with ${refused[0].status}`,
      !isShort && p95 > MAX_P95_MS && `p95 is ${fixed(p95, 0)} ms, more than ${MAX_P95_MS}`,
      !isShort && megabytes > MAX_MEGABYTES && `the process took ${whole(megabytes)} MB, more than ${MAX_MEGABYTES}`,
    ];
    for (const problem of problems.filter(Boolean)) {
      note(`${name}: ${problem}`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`${tableOf(rows)}\n`);
});

function readOptions() {
  try {
    return parseArgs({ options: { short: { type: 'boolean', default: false } } }).values.short;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** Gives the rude caller large documents with versions, and many events. */
async function prepare({ database, server, rude }) {
  const send = (request) => ask(server, rude.token, request);
  await send({ method: 'POST', path: SETTINGS, body: { settings: LARGE } });
  for (let n = 0; n < 10; n++) {
    await send({ method: 'POST', path: OWN_SETTINGS, body: { settings: { ...LARGE, [`version${n}`]: n } } });
  }
  await send({ method: 'POST', path: OWN_SETTINGS, body: { settings: { large: LARGE } } });
  await database.addEvents(rude.organizationId, EVENTS);
}

async function measure({ server, attack, rude, others, service, seconds }) {
  const end = performance.now() + seconds * 1000;
  const isOver = () => performance.now() >= end;
  const rudeOnes = [];
  const politeOnes = [];
  let number = 0;
  let megabytes = 0;
  const attackers = Array.from({ length: attack.at }, async () => {
    while (!isOver()) {
      const n = number++;
      const request = attack.request(n);
      const { organizationId } = others[n % others.length];
      const answer = attack.ofEach
        ? await ask(server, service, { ...request, headers: { 'X-Organization-Id': organizationId } })
        : await ask(server, request.isAnonymous ? undefined : rude.token, request);
      rudeOnes.push(answer);
      if (attack.ofEach && answer.retryAfter > 0)
        await sleep(Math.min(answer.retryAfter * 1000, end - performance.now()));
      if (attack.perSecond) await sleep(Math.max(0, (attack.at / attack.perSecond) * 1000 - answer.ms));
    }
  });
  const watching = (async () => {
    while (!isOver()) {
      megabytes = Math.max(megabytes, server.memoryMegabytes() ?? 0);
      await sleep(100);
    }
  })();
  const polite = others.map(async ({ token }, place) => {
    for (let n = place; !isOver(); n++) {
      const requests = [
        { path: SETTINGS },
        { method: 'PUT', path: SETTINGS, body: { [`polite${n % 10}`]: n } },
        { path: OWN_SETTINGS },
        { path: `${SETTINGS}/versions?limit=5` },
      ];
      politeOnes.push(await ask(server, token, requests[n % requests.length]));
      await sleep(PAUSE_MS);
    }
  });
  await Promise.all([...attackers, ...polite, watching]);
  return { rudeOnes, politeOnes, megabytes };
}

/** Sends a request, and tells what became of it. */
async function ask({ origin }, token, { method = 'GET', path, type = 'application/json', body, text, headers }) {
  const start = performance.now();
  const content = text ?? (body && JSON.stringify(body));
  const answer = await exchange(origin, {
    method,
    path,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(content && { 'Content-Type': type }),
      ...headers,
    },
    body: content,
  }).catch(() => ({ status: 599 }));
  return {
    status: answer.status,
    ms: performance.now() - start,
    retryAfter: Number(answer.headers?.['retry-after'] ?? 0),
  };
}

function quantile(answers, share) {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}
