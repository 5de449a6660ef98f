/** Compares the built service with others that do the same, in turn, on a database of its own. See README.md. */
import { parseArgs } from 'node:util';
import { databaseContestants } from './database-contestants.js';
import { FEW_CONNECTIONS, keyOf } from './goals.js';
import { measureLatency, PACE } from './latency.js';
import { OPERATIONS } from './operations.js';
import { describe, publish } from './report/publish.js';
import { measureRow } from './row.js';
import { Schedule } from './schedule.js';
import { note, Session, UsageError, wholeNumber } from './session.js';
import { Stage } from './stage.js';
import { measureStarts } from './start-times.js';

const ORGANIZATIONS = 10_000;

/** Unless the time or the caller allows fewer or more. */
const MOST_ROUNDS = 7;

/** When the last row is to be measured, so that all ends within ten minutes of the start. */
const ROWS_END_MS = 6.25 * 60_000;

/**
 * What a whole run found, beside what `describe` says of it.
 *
 * @typedef Results
 * @property {Record<string, import('./row.js').Row>} rows by the keys of `OPERATIONS`
 * @property {Record<string, import('./row.js').Row>} [fewConnections] by `keyOf`
 * @property {Record<string, import('./latency.js').Latency>} latencies by the keys of `OPERATIONS`
 * @property {Record<string, number>} memoryMegabytes of each server under load
 * @property {Record<string, import('./statistics.js').Spread>} starts in seconds
 */

await Session.run(async (session) => {
  const { rounds, seconds, names, out } = readOptions();
  note(`Starting ${names.join(', ')}, with ${ORGANIZATIONS} organizations ...`);
  const stage = await Stage.open(session, names, { seed: { organizations: ORGANIZATIONS } });
  note('Comparing the answers of all ...');
  const { callers, spares } = await stage.checkedCallers();
  const contestants = [
    ...stage.contestants,
    ...(await databaseContestants(session, stage, { spares, organizations: ORGANIZATIONS })),
  ];

  const rows = {};
  const schedule = new Schedule(ROWS_END_MS, Object.keys(OPERATIONS).length + FEW_CONNECTIONS.length);
  const extentOfNext = () => (rounds === undefined ? { rounds: MOST_ROUNDS, until: schedule.next() } : { rounds });
  for (const [key, operation] of Object.entries(OPERATIONS)) {
    note(`Measuring: ${operation.name}, after one round that does not count ...`);
    rows[key] = await measureRow(contestants, operation, { ...stage.setting, ...extentOfNext(), seconds });
  }

  const pair = stage.contestants.filter(({ name }) => name === 'service' || name === 'bare');
  const fewConnections = {};
  for (const few of FEW_CONNECTIONS) {
    const { operation, connections } = few;
    note(`Measuring: ${OPERATIONS[operation].name} with ${connections} connections ...`);
    const setting = { ...stage.setting, ...extentOfNext(), seconds, connections };
    fewConnections[keyOf(few)] = await measureRow(pair, OPERATIONS[operation], setting);
  }

  const latencies = {};
  for (const key of PACE.operations) {
    note(`Measuring: ${OPERATIONS[key].name} at ${PACE.rate} requests a second ...`);
    latencies[key] = await measureLatency(pair, OPERATIONS[key], stage.setting);
  }

  note('Measuring: starts ...');
  await stage.stop();
  const starts = await measureStarts(session, callers[0].token);

  await publish(
    {
      ...(await describe(stage)),
      organizations: ORGANIZATIONS,
      seconds,
      rows,
      fewConnections,
      latencies,
      memoryMegabytes: memoryUnderLoad(stage.contestants, rows),
      starts,
    },
    out,
  );
});

/** The most that each server held at the end of any measurement. */
function memoryUnderLoad(contestants, rows) {
  const ofRows = ({ name }) => Object.values(rows).map(({ memoryMegabytes }) => memoryMegabytes[name]);
  return Object.fromEntries(contestants.map((contestant) => [contestant.name, Math.max(...ofRows(contestant))]));
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string', default: '1' },
        'without-versions': { type: 'boolean', default: false },
        out: { type: 'string' },
      },
    }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  return {
    rounds: values.rounds && wholeNumber('rounds', values.rounds),
    seconds: wholeNumber('seconds', values.seconds),
    names: ['service', ...(values['without-versions'] ? ['without-versions'] : []), 'bare', 'typical'],
    out: values.out,
  };
}
