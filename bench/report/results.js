import { GOALS, verdictOf } from '../goals.js';
import { fixed, ratioOf, tableOf, whole } from './markdown.js';

/** What `npm run bench` found, as Markdown. @param {import('../run.js').Results} results */
export function reportOf(results) {
  const measured = [...Object.values(results.rows), ...Object.values(results.latencies)];
  const tables = [goalsOf(results), throughputOf(results), latenciesOf(results)];
  return [settingOf(results, Object.values(results.rows)), ...tables, ...problemsOf(measured)].join('\n\n');
}

/** When, on what and how. */
export function settingOf({ date, node, postgresql, cores, processor, generator, connections, seconds }, rows) {
  const rounds = rows.map((row) => row.rounds);
  const range =
    Math.min(...rounds) === Math.max(...rounds) ? rounds[0] : `${Math.min(...rounds)} to ${Math.max(...rounds)}`;
  return [
    `${date}: Node ${node}, PostgreSQL ${postgresql} on the same machine, ${cores} cores (${processor}); ${generator},`,
    `${connections} connections, ${range} rounds of ${seconds} s.`,
  ].join('\n');
}

function goalsOf(results) {
  const rows = GOALS.map((goal) => {
    const { name, of, least, aim, isCeiling = false, unit } = goal;
    const measured = of(results);
    const digits = unit === 'MB' ? 0 : 2;
    const limit = (number) => `${isCeiling ? '≤' : '≥'} ${number}${unit ? ` ${unit}` : ''}`;
    return [name, ...spreadCells(measured, digits, unit), limit(least), limit(aim), verdictOf(goal, results)];
  });
  return tableOf([['goal', 'measured', 'from–to', 'at least', 'aim', ''], ...rows]);
}

function spreadCells(spread, digits, unit) {
  if (spread === undefined) return ['–', ''];
  const { median, min, max } = spread;
  const range = min === max ? '' : `${fixed(min, digits)}–${fixed(max, digits)}`;
  return [`${fixed(median, digits)}${unit ? ` ${unit}` : ''}`, range];
}

function throughputOf({ rows, memoryMegabytes }) {
  const [first] = Object.values(rows);
  const names = Object.keys(first.requestsPerSecond);
  const servers = Object.keys(memoryMegabytes);
  const others = servers.slice(1);
  const cellsOf = ({ name, wrong, requestsPerSecond, requestRatios, cpuMicroseconds }) =>
    wrong > 0
      ? [name, 'void', ...Array(names.length + others.length + servers.length - 1).fill('')]
      : [
          name,
          ...names.map((contestant) => whole(requestsPerSecond[contestant])),
          ...others.map((other) => ratioOf(requestRatios[other])),
          ...servers.map((server) => whole(cpuMicroseconds[server])),
        ];
  return tableOf([
    [
      '',
      ...names.map((name) => `${name}/s`),
      ...others.map((other) => `service / ${other}`),
      ...servers.map((server) => `${server} CPU µs`),
    ],
    ...Object.values(rows).map(cellsOf),
    [
      'MB under load',
      ...names.map((name) => (name in memoryMegabytes ? whole(memoryMegabytes[name]) : '')),
      ...Array(others.length + servers.length).fill(''),
    ],
  ]);
}

function latenciesOf({ latencies }) {
  const rows = Object.values(latencies);
  const names = Object.keys(rows[0].p99);
  const columns = ['p50 ms', 'p99 ms', 'turned away'];
  const cellsOf = ({ wrong, p50, p99, turnedAway }, contestant) =>
    wrong > 0
      ? ['void', '', '']
      : [fixed(p50[contestant], 1), fixed(p99[contestant], 1), whole(turnedAway[contestant])];
  return tableOf([
    [
      '',
      ...names.flatMap((name) => columns.map((column) => `${name} ${column}`)),
      'p99 service / bare',
      'sent late p99 ms',
    ],
    ...rows.map((row) => [
      `${row.name}, ${whole(row.rate)}/s`,
      ...names.flatMap((name) => cellsOf(row, name)),
      ratioOf(row.ratios.bare),
      fixed(Math.max(...Object.values(row.late)), 1),
    ]),
  ]);
}

/** What made rows void. */
export function problemsOf(rows) {
  return rows
    .filter(({ wrong }) => wrong > 0)
    .map(({ name, wrong, example }) => `${name} is void: ${wrong} wrong, such as: ${example}`);
}
