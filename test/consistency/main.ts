import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SERVER_URL } from '../support/server.js';
import type { Entry } from './history.js';
import { isSound, judge, shortestViolation } from './judge.js';
import { record, type RunOptions } from './record.js';
import { describeCounterexample, faultLine, judgementTable, requestTable, summary } from './report.js';
import { type Policies, Stage } from './stage.js';

const USAGE = `Usage: npm run test:consistency -- [options]
  --seed <n>        the choices of clients and faults (a new one each time)
  --seconds <n>     how long the clients work (60)
  --instances <n>   how many instances (3)
  --clients <n>     how many clients (12)
  --policies <how>  whether policies bind the settings: none, fixed or changing (none)
  --planted <file>  a bug to plant: read-merge-write.js, stale-read.js or late-judgement.js
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
  let policies: Policies;
  let out: string;
  try {
    ({ options, policies, out } = read(args));
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  print(
    `Seed ${options.seed}: ${options.clients} clients, ${options.instances} instances, ${options.seconds} s, policies: ${policies}` +
      (options.planted === undefined ? '' : `, with a planted bug: ${options.planted}`),
  );
  const stage = await Stage.set(policies);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  try {
    const recording = await record(stage, options, interruption.signal);
    print(`\n${requestTable(recording.entries)}\n\n${faultLine(recording)}\n`);
    const judgements = await judge(stage, recording);
    print(judgementTable(judgements));
    for (const judgement of judgements.filter((judgement) => !isSound(judgement))) {
      const { document, verdict, problems } = judgement;
      print(`\n== ${document}`);
      if (verdict.kind === 'violated') {
        print(describeCounterexample(shortestViolation(judgement)));
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

function read(args: string[]): { options: RunOptions; policies: Policies; out: string } {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      seconds: { type: 'string', default: '60' },
      instances: { type: 'string', default: '3' },
      clients: { type: 'string', default: '12' },
      policies: { type: 'string', default: 'none' },
      planted: { type: 'string' },
      'no-faults': { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) throw new Error('The consistency check');
  if (!isPolicies(values.policies)) throw new Error('--policies must be none, fixed or changing');
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
    policies: values.policies,
    out: resolve(values.out ?? join(tmpdir(), `consistency-${seed}.jsonl`)),
  };
}

function isPolicies(text: string): text is Policies {
  return ['none', 'fixed', 'changing'].includes(text);
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
