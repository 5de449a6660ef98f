import { describeEntry, describeReply, type Entry, methodOf, outcomeOf } from './history.js';
import { type Counterexample, isSound, type Judgement } from './judge.js';
import type { Recording } from './record.js';

/** How many of the operations before a violation are shown. */
const SHOWN = 6;

/** The requests by kind and outcome, as a table. */
export function requestTable(entries: readonly Entry[]): string {
  const methods = [...new Set(entries.map(({ input }) => methodOf(input)))].toSorted();
  const outcomes = [...new Set(entries.map(outcomeOf))].toSorted();
  const count = (method: string, outcome?: string) =>
    entries.filter(
      (entry) => methodOf(entry.input) === method && (outcome === undefined || outcomeOf(entry) === outcome),
    ).length;
  return table([
    ['', ...outcomes, 'all'],
    ...methods.map((method) => [method, ...outcomes.map((outcome) => count(method, outcome)), count(method)]),
    [
      'all',
      ...outcomes.map((outcome) => entries.filter((entry) => outcomeOf(entry) === outcome).length),
      entries.length,
    ],
  ]);
}

export function faultLine({ faults }: Recording): string {
  const { connections, stalls, longStalls, kills, restarts } = faults;
  return `Faults: ${connections} database sessions ended, ${stalls} rows held (${longStalls} for longer than the service waits), ${kills} instances killed, ${restarts} restarted`;
}

export function judgementTable(judgements: readonly Judgement[]): string {
  return table([
    ['document', 'requests', 'versions', 'changed without an answer', 'order', 'database'],
    ...judgements.map((judgement) => [
      judgement.document,
      judgement.requests,
      judgement.versions,
      [...judgement.changesWithoutAnswer].map(([why, count]) => `${why}: ${count}`).join(', ') || '-',
      judgement.verdict.kind,
      judgement.problems.length === 0 ? 'agrees' : `${judgement.problems.length} problems`,
    ]),
  ]);
}

/** What a human needs to see to believe that a history cannot be ordered. */
export function describeCounterexample({ order, state, stuck, culprit, model }: Counterexample): string {
  const others = stuck.filter(({ id }) => id !== culprit.id);
  return [
    'No order of the requests explains this answer:',
    `  ${describeEntry(culprit)}`,
    `The longest order that was found takes ${order.length} requests, of which the last are`,
    ...order.slice(-SHOWN).map((entry) => `  ${describeEntry(entry)}`),
    `and makes version ${state.version}: ${JSON.stringify(state.settings)}`,
    `There the answer would have been`,
    `  ${describeReply(model.step(state, culprit.input).output)}`,
    ...(others.length === 0 ? [] : ['Others that were under way, and would not have helped:']),
    ...others.map((entry) => `  ${describeEntry(entry)}`),
  ].join('\n');
}

export function summary(judgements: readonly Judgement[]): string {
  const sound = judgements.filter(isSound).length;
  return sound === judgements.length
    ? `Linearizable, and nothing acknowledged is lost or doubled: all ${sound} documents.`
    : `FAILED: ${judgements.length - sound} of ${judgements.length} documents.`;
}

function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const cell = (value: string | number, column: number) =>
    typeof value === 'number' ? String(value).padStart(widths[column]!) : value.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
