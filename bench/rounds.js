import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS } from './load/load.js';

/** How long a change that was under way when the load ended may take to be stored. */
const SETTLE_MS = 300;

/** Fewer say nothing. */
const FEWEST_ROUNDS = 3;

/** How much longer the round that does not count takes, in which V8 compiles what an operation needs. */
const WARM_UP = 3;

/**
 * What one contestant did in one round.
 * @typedef Attempt
 * @property {number} requestsPerSecond right answers
 * @property {number} [cpuMicroseconds] of the server's processes, for each of them
 * @property {number} [memoryMegabytes] resident, when the load had just ended
 * @property {number} changes that were confirmed
 * @property {number} wrong answers that were wrong or did not come, and changes that were lost, or kept otherwise than
 *   they should
 * @property {string} [example] of what was wrong
 */

/**
 * Has contestants do the same thing in turn, in rounds A B C A B C …, of which the first does not count.
 *
 * @param {import('./operations.js').Operation} operation
 * @param {object} options
 * @param {number} options.until no round begins that would not end by then (`performance.now()`), but three there are
 * @returns {Promise<Record<string, Attempt>[]>} by the contestants' names
 */
export async function inRounds(contestants, operation, { rounds, seconds, until = Infinity, ...setting }) {
  const measured = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    const attempts = {};
    const options = { ...setting, seconds: round === 0 ? WARM_UP * seconds : seconds };
    for (const contestant of contestants) {
      attempts[contestant.name] = await attempt(contestant, operation, { ...options, ...contestant.place });
    }
    if (round > 0) measured.push(attempts);
    const tookMs = performance.now() - start;
    if (round >= FEWEST_ROUNDS && performance.now() + tookMs > until) break;
  }
  return measured;
}

async function attempt(contestant, { requests, requestsOfOthers = requests }, { database, ...setting }) {
  await database.restore();
  const before = await database.count();
  const shares = contestant.isService ? requests : requestsOfOthers;
  const outcome = await contestant.attempt(shares, setting);
  if (outcome.changes > 0) await sleep(SETTLE_MS);
  const after = await database.count();
  const changes = after.changes - before.changes;
  const kept = after.kept - before.kept;
  const miscounted = miscountOf(changes, outcome.changes, setting.connections ?? CONNECTIONS);
  const misplaced = Math.abs(kept - (contestant.keepsVersions ? changes : 0));
  return {
    ...outcome,
    wrong: outcome.wrong + miscounted + misplaced,
    example:
      outcome.example ??
      (miscounted > 0 ? `${outcome.changes} changes were confirmed, ${changes} were stored` : undefined) ??
      (misplaced > 0 ? `${changes} changes were stored, ${kept} were kept` : undefined),
  };
}

/**
 * Changes that were confirmed and not stored, or stored and never asked for: each connection may have had one under
 * way.
 */
function miscountOf(stored, confirmed, connections) {
  return Math.max(confirmed - stored, stored - confirmed - connections, 0);
}
