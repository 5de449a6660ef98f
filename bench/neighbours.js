/** Measures what others notice of one caller who asks for as much as they can. See README.md. */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { ask } from './neighbours/ask.js';
import { ATTACKS, HONEST, LARGE, OWN_SETTINGS, SETTINGS } from './neighbours/attacks.js';
import { fixed, tableOf, whole } from './report/markdown.js';
import { note, Session, UsageError } from './session.js';

/** How long each attack takes, and the quiet before it, in seconds: in a whole run, and in a short one. */
const SECONDS = { attack: 8, quiet: 3 };
const SHORT_SECONDS = { attack: 2, quiet: 1 };

/** Others who send one request after the other with a pause between them: each in an organization of their own. */
const OTHERS = 16;
const PAUSE_MS = 50;

/** Members of the caller's own organization, who do the same. */
const COLLEAGUES = 8;

/** What others may notice. */
const MAX_P95_MS = 250;
const MAX_MEGABYTES = 400;

const EVENTS = 300_000;

await Session.run(async (session) => {
  const { isShort, only } = readOptions();
  const seconds = isShort ? SHORT_SECONDS : SECONDS;
  const database = await session.createDatabase();
  const server = session.server('service', { environment: { RATE_LIMIT_PER_MINUTE: '60000' } });
  await server.start(session.signal);
  const tokenFor = session.issuer();
  await database.seed({ organizations: OTHERS + 1, members: COLLEAGUES + 1 });
  const callerOf = ({ organization, userId }) => ({ organizationId: organization, token: tokenFor(userId) });
  const [member, ...members] = await database.members();
  const owners = await database.owners();
  const own = {
    ...callerOf(owners.find(({ organization }) => organization === member.organization)),
    memberId: member.userId,
  };
  const others = owners.filter(({ organization }) => organization !== member.organization).map(callerOf);
  const parts = {
    server,
    own,
    others,
    colleagues: members.map(callerOf),
    service: tokenFor(await database.addService()),
  };
  own.eventIds = await prepare({ database, server, own });
  const rows = [['one caller', 'their requests', 'refused', 'others', 'refused', 'p50', 'p95', 'p95 quiet', 'memory']];
  for (const [name, attack] of Object.entries({ ...ATTACKS, ...HONEST })) {
    if ((isShort && !attack.isShort) || (only !== undefined && !name.includes(only))) continue;
    note(`Measuring: ${name} ...`);
    const quiet = await measure(parts, 'nothing', attack, seconds.quiet);
    const { theirs, answers, megabytes } = await measure(parts, name, attack, seconds.attack);
    const p95 = quantile(answers, 0.95);
    const refused = answers.filter(({ status }) => status !== 200);
    rows.push([
      name,
      whole(theirs.requests),
      whole(theirs.refused),
      whole(answers.length),
      whole(refused.length),
      ...[quantile(answers, 0.5), p95, quantile(quiet.answers, 0.95)].map((ms) => `${fixed(ms, 0)} ms`),
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
    const options = { short: { type: 'boolean', default: false }, only: { type: 'string' } };
    const { short: isShort, only } = parseArgs({ options }).values;
    return { isShort, only };
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** Gives the caller large documents with versions, and many events; returns the ids of some. */
async function prepare({ database, server, own }) {
  const send = (request) => ask(server.origin, own.token, request);
  await send({ method: 'POST', path: SETTINGS, body: { settings: LARGE } });
  for (let n = 0; n < 10; n++) {
    await send({ method: 'POST', path: OWN_SETTINGS, body: { settings: { ...LARGE, [`version${n}`]: n } } });
  }
  await send({ method: 'POST', path: OWN_SETTINGS, body: { settings: { large: LARGE } } });
  return database.addEvents(own.organizationId, EVENTS);
}

/** @param name of what the caller does meanwhile */
async function measure({ server, own, others, colleagues, service }, name, attack, seconds) {
  const { origin } = server;
  const organizations = others.map(({ organizationId }) => organizationId);
  const workerData = { name, origin, own, service, others: organizations, seconds };
  const attacker = new Worker(new URL('neighbours/attacker.js', import.meta.url), { workerData });
  const theirs = once(attacker, 'message');
  await once(attacker, 'online');
  const end = performance.now() + seconds * 1000;
  const isOver = () => performance.now() >= end;
  const answers = [];
  let megabytes = 0;
  const watching = (async () => {
    while (!isOver()) {
      megabytes = Math.max(megabytes, server.memoryMegabytes() ?? 0);
      await sleep(100);
    }
  })();
  const polite = (attack.colleagues ? colleagues : others).map(async ({ token }, place) => {
    for (let n = place; !isOver(); n++) {
      const own = attack.colleagues ? `colleague${place}` : 'polite';
      const requests = [
        { path: attack.colleagues ? OWN_SETTINGS : SETTINGS },
        { method: 'PUT', path: SETTINGS, body: { [`${own}${n % 10}`]: n } },
        { path: OWN_SETTINGS },
        { path: `${SETTINGS}/versions?limit=5` },
      ];
      answers.push(await ask(origin, token, requests[n % requests.length]));
      await sleep(PAUSE_MS);
    }
  });
  await Promise.all([...polite, watching]);
  return { theirs: (await theirs)[0], answers, megabytes };
}

function quantile(answers, share) {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}
