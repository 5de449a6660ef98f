import { MeasuredRounds } from './measured-rounds.js';
import { inRounds } from './rounds.js';
import { median } from './statistics.js';

/**
 * One operation: what each contestant did, and what the service did of what the others did. Records are by the
 * contestants' names.
 *
 * @typedef Row
 * @property {string} name
 * @property {number} rounds
 * @property {number} wrong more than none makes the row void
 * @property {string} [example] of what was wrong
 * @property {Record<string, number>} requestsPerSecond medians
 * @property {Record<string, number>} cpuMicroseconds of the server's processes for a request, medians
 * @property {Record<string, number>} memoryMegabytes the most at the end of a measurement
 * @property {Record<string, import('./statistics.js').Spread>} requestRatios
 * @property {Record<string, import('./statistics.js').Spread | undefined>} cpuRatios
 */

/** @returns {Promise<Row>} */
export async function measureRow(contestants, operation, setting) {
  const measured = new MeasuredRounds(await inRounds(contestants, operation, setting));
  return {
    name: operation.name,
    rounds: measured.count,
    ...measured.problem,
    requestsPerSecond: measured.each('requestsPerSecond', median),
    cpuMicroseconds: measured.each('cpuMicroseconds', median),
    memoryMegabytes: measured.each('memoryMegabytes', (all) => Math.max(...all)),
    requestRatios: measured.ratios('requestsPerSecond'),
    cpuRatios: measured.ratios('cpuMicroseconds'),
  };
}
