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

await Session.run(async (session) => {
  const { script, rounds, seconds, connections, operations } = await readOptions();
  const contestants = [];
  for (const [name, options] of [['service'], ['other', { script }]]) {
    const stage = await Stage.open(session, [name], { seed: { organizations: ORGANIZATIONS }, contestants: options });
    await stage.load.speakFor(await stage.introduce(await stage.database.owners()));
    contestants.push(Object.assign(stage.contestants[0], { place: stage.setting }));
  }
  const rows = [['operation', 'connections', 'this / other', '95 %', 'CPU', '95 %']];
  for (const key of operations) {
    for (const count of connections) {
      note(`Measuring: ${OPERATIONS[key].name} with ${count} connections ...`);
      const measured = new MeasuredRounds(
        await inRounds(contestants, OPERATIONS[key], { rounds, seconds, connections: count }),
      );
      rows.push([OPERATIONS[key].name, whole(count), ...ratiosOf(measured)]);
      const { wrong, example } = measured.problem;
      if (wrong === 0) continue;
      note(`${wrong} wrong, such as: ${example}`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`${tableOf(rows)}\n`);
});

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
