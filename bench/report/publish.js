import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { CONNECTIONS } from '../load/load.js';
import { chartOf } from './chart.js';
import { growthReportOf } from './growth.js';
import { reportOf } from './results.js';

export const RESULTS = new URL('../results.json', import.meta.url);
const CHART = new URL('../results.svg', import.meta.url);
const GROWTH = new URL('../growth.json', import.meta.url);
const README = new URL('../README.md', import.meta.url);

/** When, on what and how something was measured. */
export async function describe({ database, load }) {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version.slice(1),
    postgresql: await database.version(),
    cores: availableParallelism(),
    processor: cpus()[0].model,
    generator: load.generator,
    connections: CONNECTIONS,
  };
}

export async function writeResults(file, results) {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * Prints what `npm run bench` found, and writes it, as JSON and as a chart: to the files that the README shows, or to
 * others. Void rows are an error, and replace nothing that is shown.
 *
 * @param {import('../run.js').Results} results
 * @param {string} [out] another file for the JSON; the chart comes beside it
 */
export async function publish(results, out) {
  const report = reportOf(results);
  process.stdout.write(`${report}\n`);
  const isVoid = [results.rows, results.fewConnections, results.latencies]
    .flatMap(Object.values)
    .some(({ wrong }) => wrong > 0);
  if (isVoid) process.exitCode = 1;
  if (isVoid && out === undefined) return;
  await writeResults(out ?? RESULTS, results);
  await writeFile(out?.replace(/(\.json)?$/, '.svg') ?? CHART, chartOf(results));
  if (out === undefined) await show('npm run bench', report);
}

/** The same of `npm run bench:growth`, which has no chart. */
export async function publishGrowth(results) {
  const report = growthReportOf(results);
  process.stdout.write(`${report}\n`);
  if (results.rows.some(({ wrong }) => wrong > 0)) {
    process.exitCode = 1;
    return;
  }
  await writeResults(GROWTH, results);
  await show('npm run bench:growth', report);
}

/** Puts a report into the README, in the place of the one before. */
async function show(command, report) {
  const begin = `<!-- what ${command} found -->`;
  const end = `<!-- end of what ${command} found -->`;
  const readme = await readFile(README, 'utf8');
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error(`bench/README.md has no place for what ${command} found`);
  await writeFile(README, `${readme.slice(0, from + begin.length)}\n\n${report}\n\n${readme.slice(to)}`);
}
