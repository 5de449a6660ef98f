/** Compares the built service with two other servers, in turn, on a database of its own. See README.md. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkSameAnswers } from './check.js';
import { ORGANIZATIONS } from './database.js';
import { CONNECTIONS, KINDS, Load } from './load.js';
import { median, printReport } from './report.js';
import { note, Session, UsageError } from './session.js';

const BARE = fileURLToPath(new URL('bare-server.js', import.meta.url));
const WITHOUT_VERSIONS = new URL('without-versions.js', import.meta.url).href;

/** How long an update that was under way when the load ended may take to be stored. */
const SETTLE_MS = 300;

await Session.run(async (session) => {
  const { out, ...options } = readOptions();
  const results = await compare(session, options);
  printReport(results);
  if (out !== undefined) await writeFile(out, `${JSON.stringify(results, null, 2)}\n`);
  if (results.rows.some((row) => row.wrong > 0)) process.exitCode = 1;
});

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '3' },
        out: { type: 'string' },
      },
    }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  for (const name of ['rounds', 'seconds']) {
    if (!/^[1-9]\d*$/.test(values[name])) throw new UsageError(`--${name} must be a whole number from 1 on`);
  }
  return { rounds: Number(values.rounds), seconds: Number(values.seconds), out: values.out };
}

async function compare(session, { rounds, seconds }) {
  const { signal } = session;
  const database = await session.createDatabase();
  const service = Object.assign(session.service('service'), { keepsVersions: true });
  const without = session.service('without', { preload: WITHOUT_VERSIONS });
  const bare = session.server('bare', BARE);
  const servers = [service, without, bare];
  note(`Starting the service, filling its tables with ${ORGANIZATIONS} organizations, starting the other servers ...`);
  await service.start(signal);
  await database.seed();
  await without.start(signal);
  await bare.start(signal);

  const tokenFor = session.issuer();
  const users = await database.owners();
  note('Comparing the answers of all three ...');
  await checkSameAnswers({ servers, services: [service, without], database, users, tokenFor, signal });

  const load = new Load(
    users.map((user) => tokenFor(user)),
    seconds,
    signal,
  );
  session.undoAtEnd(() => load.cleanUp());
  await load.prepare();

  const rows = [];
  for (const kind of Object.keys(KINDS)) {
    note(`Measuring: ${kind}, after one round that does not count ...`);
    const contestants = KINDS[kind].isOfService ? [service, without] : servers;
    rows.push(await measureKind(kind, contestants, { database, load, rounds }));
  }

  return {
    node: process.version,
    postgresql: await database.version(),
    cores: availableParallelism(),
    generator: load.generator,
    connections: CONNECTIONS,
    organizations: ORGANIZATIONS,
    rounds,
    seconds,
    rows,
    rssMegabytes: Object.fromEntries(servers.map((server) => [server.name, server.rssMegabytes()])),
  };
}

async function measureKind(kind, servers, { database, load, rounds }) {
  await database.resetSettings();
  const measured = [];
  for (let round = 0; round <= rounds; round++) {
    const results = {};
    for (const server of servers) results[server.name] = await measure(kind, server, { database, load });
    if (round > 0) measured.push(results);
  }
  return summarize(kind, servers, measured);
}

async function measure(kind, server, { database, load }) {
  await database.tidy();
  const before = await database.count();
  const cpuBefore = server.cpuMicroseconds();
  const { requests, seconds, wrong } = await load.run(kind, server);
  const cpu = server.cpuMicroseconds() - cpuBefore;
  await sleep(SETTLE_MS);
  const after = await database.count();
  const changes = after.changes - before.changes;
  const kept = after.kept - before.kept;
  return {
    requestsPerSecond: requests / seconds,
    cpuPerRequest: cpu / requests,
    wrong:
      wrong +
      miscounted(changes, kind === 'read' ? 0 : requests) +
      Math.abs(kept - (server.keepsVersions ? changes : 0)),
  };
}

/** Changes that were confirmed and not stored, or stored and never asked for: each connection may have had one under way. */
function miscounted(changes, confirmed) {
  return Math.max(confirmed - changes, changes - confirmed - CONNECTIONS, 0);
}

/** The ratios are those of the service to each other server in the same round. */
function summarize(kind, servers, measured) {
  const of = (name, member) => measured.map((results) => results[name][member]);
  const medianOf = (member) => Object.fromEntries(servers.map(({ name }) => [name, median(of(name, member))]));
  const [service, ...others] = servers.map(({ name }) => name);
  return {
    kind,
    wrong: servers.flatMap(({ name }) => of(name, 'wrong')).reduce((sum, wrong) => sum + wrong, 0),
    requestsPerSecond: medianOf('requestsPerSecond'),
    cpuMicrosecondsPerRequest: medianOf('cpuPerRequest'),
    ratios: Object.fromEntries(
      others.map((other) => {
        const theirs = of(other, 'requestsPerSecond');
        const ratios = of(service, 'requestsPerSecond').map((ours, round) => ours / theirs[round]);
        return [other, { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }];
      }),
    ),
  };
}
