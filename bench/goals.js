/**
 * What is to be reached, all features on.
 *
 * @typedef Goal
 * @property {string} name
 * @property {(results: import('./run.js').Results) => import('./statistics.js').Spread | undefined} of
 * @property {number} least what is to be reached at least
 * @property {number} aim
 * @property {boolean} [isCeiling] smaller is better
 * @property {string} [unit]
 */

const valid = (row) => (row?.wrong === 0 ? row : undefined);
const requests = (operation, other) => (results) => valid(results.rows[operation])?.requestRatios[other];
const cpu = (operation, other) => (results) => valid(results.rows[operation])?.cpuRatios[other];
const latency = (operation) => (results) => valid(results.latencies[operation])?.ratios.bare;
const few = (operation, connections) => (results) =>
  valid(results.fewConnections?.[keyOf({ operation, connections })])?.requestRatios.bare;
const start = (kind) => (results) => results.starts[kind];
const memory = ({ memoryMegabytes: { service } }) => service && { median: service, min: service, max: service };

/** What is measured with fewer connections than the rest, of the service and the hand-written one. */
export const FEW_CONNECTIONS = [
  { operation: 'read', connections: 4 },
  { operation: 'update', connections: 4 },
  { operation: 'update', connections: 1 },
];

/** The key of one of these among the results. */
export const keyOf = ({ operation, connections }) => `${operation}, ${connections}`;

/** @type {Goal[]} */
export const GOALS = [
  { name: 'read / bare', of: requests('read', 'bare'), least: 1.3, aim: 1.5 },
  { name: 'conditional read / bare read', of: requests('conditionalRead', 'bare'), least: 1.6, aim: 2 },
  { name: 'partial update / bare without versions', of: requests('update', 'bare'), least: 1.1, aim: 1.2 },
  { name: 'replace / bare without versions', of: requests('replace', 'bare'), least: 0.75, aim: 1 },
  { name: 'delete keys / bare without versions', of: requests('deleteKeys', 'bare'), least: 0.85, aim: 1 },
  {
    name: 'organization update / bare without versions',
    of: requests('updateOrganization', 'bare'),
    least: 0.9,
    aim: 1,
  },
  { name: 'read / bare, 4 connections', of: few('read', 4), least: 0.9, aim: 1 },
  { name: 'partial update / bare, 4 connections', of: few('update', 4), least: 0.85, aim: 1 },
  { name: 'partial update / bare, 1 connection', of: few('update', 1), least: 0.8, aim: 1 },
  { name: 'read / typical', of: requests('read', 'typical'), least: 6, aim: 10 },
  { name: 'partial update / typical', of: requests('update', 'typical'), least: 4, aim: 6 },
  { name: 'p99 of reads / bare', of: latency('read'), least: 1.2, aim: 1, isCeiling: true },
  { name: 'p99 of the 90/10 mix / bare', of: latency('mix'), least: 1.2, aim: 1, isCeiling: true },
  { name: 'CPU of a read / bare', of: cpu('read', 'bare'), least: 1.2, aim: 0.8, isCeiling: true },
  { name: 'CPU of a partial update / bare', of: cpu('update', 'bare'), least: 1.6, aim: 1.1, isCeiling: true },
  { name: 'memory under load', of: memory, least: 180, aim: 150, isCeiling: true, unit: 'MB' },
  { name: 'start to first answer', of: start('onServer'), least: 1.3, aim: 0.8, isCeiling: true, unit: 's' },
  { name: 'the same, embedded, cold', of: start('embeddedCold'), least: 6, aim: 4, isCeiling: true, unit: 's' },
  { name: 'the same, embedded, warm', of: start('embeddedWarm'), least: 2, aim: 1.2, isCeiling: true, unit: 's' },
];

/** @returns {'aim' | 'reached' | 'missed' | 'not measured'} */
export function verdictOf({ of, least, aim, isCeiling = false }, results) {
  const measured = of(results)?.median;
  if (measured === undefined || Number.isNaN(measured)) return 'not measured';
  const isWithin = (limit) => (isCeiling ? measured <= limit : measured >= limit);
  if (isWithin(aim)) return 'aim';
  return isWithin(least) ? 'reached' : 'missed';
}
