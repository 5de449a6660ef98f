/** Compares this build with that of another checkout, in turn, each on a database of its own. See README.md. */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MeasuredRounds } from './measured-rounds.js';
import { OPERATIONS } from './operations.js';
import { fixed, tableOf, whole } from './report/markdown.js';
import { inRounds } from './rounds.js';
import { note, Session, UsageError, wholeNumber } from './session.js';
import { Stage } from './stage.js';
import { medianInterval } from './statistics.js';

const ORGANIZATIONS = 2_000;

/** How often both are started: two processes of one build differ by some percent, however long they are measured. */
const STARTS = 4;

await Session.run(async (session) => {
  const { script, rounds, seconds, connections, operations } = await readOptions();
  const rows = operations.flatMap((key) => connections.map((count) => ({ key, count, rounds: [] })));
  for (let start = 1; start <= STARTS; start++) {
    const stages = [await open(session, 'service'), await open(session, 'other', { script })];
    const contestants = stages.map(({ contestants: [one], setting }) => Object.assign(one, { place: setting }));
    for (const { key, count, rounds: measured } of rows) {
      note(`Measuring, start ${start} of ${STARTS}: ${OPERATIONS[key].name} with ${count} connections ...`);
      const options = { rounds: Math.ceil(rounds / STARTS), seconds, connections: count };
      measured.push(...(await inRounds(contestants, OPERATIONS[key], options)));
    }
    for (const stage of stages) await stage.stop();
  }
  const table = [['operation', 'connections', 'this / other', '95 %', 'CPU', '95 %']];
  for (const row of rows) {
    const measured = new MeasuredRounds(row.rounds);
    table.push([OPERATIONS[row.key].name, whole(row.count), ...ratiosOf(measured)]);
    const { wrong, example } = measured.problem;
    if (wrong === 0) continue;
    note(`${wrong} wrong, such as: ${example}`);
    process.exitCode = 1;
  }
  process.stdout.write(`${tableOf(table)}\n`);
});

async function open(session, name, options) {
  const stage = await Stage.open(session, [name], { seed: { organizations: ORGANIZATIONS }, contestants: options });
  await stage.load.speakFor(await stage.introduce(await stage.database.owners()));
  return stage;
}

function ratiosOf(measured) {
  return ['requestsPerSecond', 'cpuMicroseconds'].flatMap((member) =>
    cellsOf(measured.ratios(member, medianInterval).other),
  );
}

function cellsOf({ median, low, high } = {}) {
  return [fixed(median, 2), `${fixed(low, 2)}–${fixed(high, 2)}`];
}

async function readOptions() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '40' },
        seconds: { type: 'string', default: '1' },
        connections: { type: 'string', default: '1,4,16' },
        operations: { type: 'string', default: Object.keys(OPERATIONS).join() },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1) throw new UsageError('Name the folder of one other checkout, which must be built');
  const script = resolve(positionals[0], 'dist/service/main.js');
  await access(script).catch(() => {
    throw new UsageError(`${script} is not there: build that checkout first`);
  });
  const operations = values.operations.split(',');
  const unknown = operations.find((key) => !(key in OPERATIONS));
  if (unknown !== undefined) throw new UsageError(`--operations knows ${Object.keys(OPERATIONS).join(', ')}`);
  return {
    script,
    rounds: wholeNumber('rounds', values.rounds),
    seconds: Number(values.seconds),
    connections: values.connections.split(',').map((count) => wholeNumber('connections', count)),
    operations,
  };
}
