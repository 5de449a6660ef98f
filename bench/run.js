/** Compares the built service with the bare server, in turn, on a database of its own. See README.md. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSigner } from 'fast-jwt';
import { checkSameAnswers } from './check.js';
import { BenchDatabase, ORGANIZATIONS } from './database.js';
import { CONNECTIONS, Load } from './load.js';
import { median, printReport } from './report.js';
import { ServerProcess } from './server-process.js';

const SERVICE = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('bare-server.js', import.meta.url));
const HOUR_MS = 3_600_000;

/** How long an update that was under way when the load ended may take to be stored. */
const SETTLE_MS = 300;

/** The command line or the environment is wrong; the message is for the caller. */
class UsageError extends Error {}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => interruption.abort());

/** What is to be undone at the end, the last first. */
const undo = [];

try {
  const { out, ...options } = readOptions();
  const results = await compare(options);
  printReport(results);
  if (out !== undefined) await writeFile(out, `${JSON.stringify(results, null, 2)}\n`);
  if (results.rows.some((row) => row.wrong > 0)) process.exitCode = 1;
} catch (error) {
  process.exitCode = interruption.signal.aborted ? 130 : 1;
  if (!interruption.signal.aborted) note(error instanceof UsageError ? error.message : error.stack);
} finally {
  for (const step of undo.reverse()) await step().catch((error) => note(error.stack));
}

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
  const { DATABASE_URL } = process.env;
  if (!/^postgres(ql)?:\/\/./.test(DATABASE_URL ?? '')) {
    throw new UsageError(
      'DATABASE_URL must name a PostgreSQL server (postgres://…) as a role that may create databases',
    );
  }
  return { databaseUrl: DATABASE_URL, rounds: Number(values.rounds), seconds: Number(values.seconds), out: values.out };
}

async function compare({ databaseUrl, rounds, seconds }) {
  const { signal } = interruption;
  const database = new BenchDatabase(databaseUrl);
  undo.push(() => database.drop());
  await database.create().catch((error) => {
    throw new UsageError(`DATABASE_URL: ${error.message || error.code}`);
  });

  const secret = randomBytes(32).toString('hex');
  const environment = { DATABASE_URL: database.url, JWT_SECRET: secret };
  const service = new ServerProcess('service', SERVICE, { ...environment, MIGRATE_ON_START: 'true' });
  const bare = new ServerProcess('bare', BARE, environment);
  const servers = [service, bare];
  undo.push(
    () => service.stop(),
    () => bare.stop(),
  );
  note(`Starting the service, filling its tables with ${ORGANIZATIONS} organizations, starting the bare server ...`);
  await service.start(signal);
  await database.seed();
  await bare.start(signal);

  const tokenFor = issuer(secret);
  const users = await database.owners();
  note('Comparing the answers of both ...');
  await checkSameAnswers({ servers, database, users, tokenFor, signal });

  const load = new Load(
    users.map((user) => tokenFor(user)),
    seconds,
    signal,
  );
  undo.push(() => load.cleanUp());
  await load.prepare();

  const rows = [];
  for (const kind of ['read', 'write']) {
    note(`Measuring: ${kind}, after one round that does not count ...`);
    const measured = [];
    for (let round = 0; round <= rounds; round++) {
      const pair = [];
      for (const server of servers) pair.push(await measure(kind, server, { database, load }));
      if (round > 0) measured.push(pair);
    }
    rows.push(summarize(kind, servers, measured));
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

async function measure(kind, server, { database, load }) {
  await database.tidy();
  const changesBefore = await database.countChanges();
  const cpuBefore = server.cpuMicroseconds();
  const { requests, seconds, wrong } = await load.run(kind, server);
  const cpu = server.cpuMicroseconds() - cpuBefore;
  await sleep(SETTLE_MS);
  const changes = (await database.countChanges()) - changesBefore;
  return {
    requestsPerSecond: requests / seconds,
    cpuPerRequest: cpu / requests,
    wrong: wrong + miscounted(changes, kind === 'write' ? requests : 0),
  };
}

/** Changes that were confirmed and not stored, or stored and never asked for: each connection may have had one under way. */
function miscounted(changes, confirmed) {
  return Math.max(confirmed - changes, changes - confirmed - CONNECTIONS, 0);
}

function summarize(kind, servers, measured) {
  const ratios = measured.map(([one, other]) => one.requestsPerSecond / other.requestsPerSecond);
  const medianOf = (member) =>
    Object.fromEntries(servers.map(({ name }, index) => [name, median(measured.map((pair) => pair[index][member]))]));
  return {
    kind,
    wrong: measured.flat().reduce((sum, { wrong }) => sum + wrong, 0),
    requestsPerSecond: medianOf('requestsPerSecond'),
    cpuMicrosecondsPerRequest: medianOf('cpuPerRequest'),
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
  };
}

function issuer(key) {
  const sign = createSigner({ key, expiresIn: HOUR_MS });
  const signExpired = createSigner({ key, expiresIn: HOUR_MS, clockTimestamp: Date.now() - 2 * HOUR_MS });
  return (sub, { isExpired = false } = {}) => (isExpired ? signExpired : sign)({ sub });
}

function note(line) {
  process.stderr.write(`${line}\n`);
}
