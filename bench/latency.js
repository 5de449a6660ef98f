import { MeasuredRounds } from './measured-rounds.js';
import { median, quantile, sumOf } from './statistics.js';

/** At how many requests a second latencies are measured, for how many seconds, how often, and of which operations. */
export const PACE = { rate: 1000, seconds: 3, rounds: 9, operations: ['read', 'mix'] };

/**
 * Latencies of one operation at a constant rate, in milliseconds. Records are by the contestants' names.
 *
 * @typedef Latency
 * @property {string} name
 * @property {number} rate in requests a second
 * @property {number} wrong
 * @property {string} [example]
 * @property {Record<string, number>} p50 medians of the rounds
 * @property {Record<string, number>} p99
 * @property {Record<string, number>} turnedAway how many were answered 503
 * @property {Record<string, number>} late the p99 of how late requests left
 * @property {Record<string, import('./statistics.js').Spread>} ratios of the p99
 */

/** @returns {Promise<Latency>} */
export async function measureLatency(contestants, operation, { database, load, documents }) {
  const rounds = [];
  for (let round = 0; round < PACE.rounds; round++) {
    const attempts = {};
    for (const contestant of contestants) {
      await database.restore();
      attempts[contestant.name] = await attempt(contestant, contestant.stepsOf(operation.requests, documents), load);
    }
    rounds.push(attempts);
  }
  const measured = new MeasuredRounds(rounds);
  return {
    name: operation.name,
    rate: PACE.rate,
    ...measured.problem,
    p50: measured.each('p50', median),
    p99: measured.each('p99', median),
    turnedAway: measured.each('turnedAway', sumOf),
    late: measured.each('late', median),
    ratios: measured.ratios('p99'),
  };
}

async function attempt({ origin }, steps, load) {
  const { tally, turnedAway, latencies, delays } = await load.runPaced(origin, steps, PACE);
  return {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    late: quantile(delays, 0.99),
    turnedAway,
    wrong: tally.wrong,
    example: tally.example,
  };
}
