import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SERVER_URL } from '../support/server.js';
import { type Entry, sentTo } from './history.js';
import { isSound, judge, shortestViolation } from './judge.js';
import { record, type RunOptions } from './record.js';
import { describeCounterexample, faultLine, judgementTable, requestTable, summary } from './report.js';
import { Stage } from './stage.js';

const USAGE = `Usage: npm run test:consistency -- [options]
  --seed <n>        the choices of clients and faults (a new one each time)
  --seconds <n>     how long the clients work (60)
  --instances <n>   how many instances (3)
  --clients <n>     how many clients (12)
  --planted <file>  a bug to plant: read-merge-write.js or stale-read.js
  --no-faults       only the clients
  --out <file>      where the history goes when something is wrong, one request a line (in the
                    system's folder for temporary files)`;

const MOST_PROBLEMS_SHOWN = 20;

/** @returns the exit status: 0 when all is well, 1 when something is wrong, 2 when nothing was checked */
export async function main(args: string[]): Promise<number> {
  if (SERVER_URL === undefined) {
    print('The consistency check needs a PostgreSQL server, on which it makes a database of its own:');
    print('DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres npm run test:consistency');
    return 2;
  }
  let options: RunOptions;
  let out: string;
  try {
    ({ options, out } = read(args));
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  print(
    `Seed ${options.seed}: ${options.clients} clients, ${options.instances} instances, ${options.seconds} s` +
      (options.planted === undefined ? '' : `, with a planted bug: ${options.planted}`),
  );
  const stage = await Stage.set();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  try {
    const recording = await record(stage, options, interruption.signal);
    print(`\n${requestTable(recording.entries)}\n\n${faultLine(recording)}\n`);
    const judgements = await judge(stage, recording);
    print(judgementTable(judgements));
    for (const { document, verdict, hintOf, problems } of judgements.filter((judgement) => !isSound(judgement))) {
      print(`\n== ${document}`);
      if (verdict.kind === 'violated') {
        print(describeCounterexample(shortestViolation(sentTo(document, recording.entries), hintOf)));
      }
      if (verdict.kind === 'undecided') print('The checker gave up: there are too many orders to try.');
      problems.slice(0, MOST_PROBLEMS_SHOWN).forEach(print);
      if (problems.length > MOST_PROBLEMS_SHOWN) print(`… and ${problems.length - MOST_PROBLEMS_SHOWN} more`);
    }
    print(`\n${summary(judgements)}`);
    if (judgements.every(isSound)) return 0;
    write(out, recording.entries);
    print(`The history is in ${out}.`);
    return 1;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    print('Interrupted: nothing was checked.');
    return 2;
  } finally {
    await stage.clear();
  }
}

function read(args: string[]): { options: RunOptions; out: string } {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      seconds: { type: 'string', default: '60' },
      instances: { type: 'string', default: '3' },
      clients: { type: 'string', default: '12' },
      planted: { type: 'string' },
      'no-faults': { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) throw new Error('The consistency check');
  const seed = numberOf('seed', values.seed, 0);
  return {
    options: {
      seed,
      seconds: numberOf('seconds', values.seconds, 1),
      instances: numberOf('instances', values.instances, 1),
      clients: numberOf('clients', values.clients, 1),
      hasFaults: !values['no-faults'],
      ...(values.planted !== undefined && { planted: values.planted }),
    },
    out: resolve(values.out ?? join(tmpdir(), `consistency-${seed}.jsonl`)),
  };
}

function numberOf(name: string, text: string, least: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} must be a whole number from ${least}`);
}

function write(path: string, entries: readonly Entry[]): void {
  writeFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
