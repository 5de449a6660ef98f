import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchange } from './load/exchange.js';
import { SETTINGS_PATH } from './operations.js';
import { spreadOf } from './statistics.js';

const STARTS = 5;
const COLD_STARTS = 3;

/** A start as shipped, which does not migrate; and an end that nothing waits for. */
const PLAIN = { MIGRATE_ON_START: 'false', SHUTDOWN_DELAY_MS: '0' };

/** Without a server of its own the service must not run in production; all else is as shipped. */
const EMBEDDED = { ...PLAIN, NODE_ENV: 'development', DATABASE_URL: undefined };

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

/**
 * How long the service takes from the start of its process to the first answer to a request that needs the database:
 * the settings of an organization. In seconds, on the server, and embedded: cold is with an empty `DATA_DIR`, warm with
 * the one that a start before has left.
 *
 * @param {string} token of a user on the server
 */
export async function measureStarts(session, token) {
  const onServer = [];
  for (let start = 0; start < STARTS; start++) onServer.push(await timeOf(session, PLAIN, token));
  const cold = [];
  const warm = [];
  for (let start = 0; start < COLD_STARTS; start++) {
    const folder = await mkdtemp(join(tmpdir(), 'flashback-embedded-'));
    try {
      const environment = { ...EMBEDDED, DATA_DIR: folder };
      const { seconds, token: ownerToken } = await coldStart(session, environment);
      cold.push(seconds);
      for (let again = 0; again < STARTS / COLD_STARTS; again++)
        warm.push(await timeOf(session, environment, ownerToken));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return { onServer: spreadOf(onServer), embeddedCold: spreadOf(cold), embeddedWarm: spreadOf(warm) };
}

async function timeOf(session, environment, token) {
  const server = session.server('service', { environment });
  const start = performance.now();
  await server.launch();
  await server.waitFor(() => isAnswered(server, token), session.signal);
  const seconds = (performance.now() - start) / 1000;
  await server.stop();
  return seconds;
}

/** Whom it may ask for is known only when the service has made its demo data and says so. */
async function coldStart(session, environment) {
  const server = session.server('service', { environment, keepsOutput: true });
  const start = performance.now();
  await server.launch();
  await server.waitFor(async () => TOKEN.test(server.output), session.signal);
  const [token] = TOKEN.exec(server.output);
  await server.waitFor(() => isAnswered(server, token), session.signal);
  const seconds = (performance.now() - start) / 1000;
  await server.stop();
  return { seconds, token };
}

async function isAnswered({ origin }, token) {
  const { status } = await exchange(origin, { path: SETTINGS_PATH, headers: { Authorization: `Bearer ${token}` } });
  return status === 200;
}
