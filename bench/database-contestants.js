import { DatabaseContestant } from './contestant.js';
import { Pgbench } from './load/pgbench.js';
import { OPERATIONS } from './operations.js';
import { recordStatements } from './recorded-statements.js';

/** Whose statements are measured. */
const RECORDED = ['service', 'bare'];

/**
 * The statements of servers as contestants of their own, where pgbench is installed.
 *
 * @param {import('./load/plan.js').Caller[]} spares whose settings are as they were in the beginning
 */
export async function databaseContestants(session, { contestants, documents }, { spares, organizations }) {
  if (!(await Pgbench.isInstalled())) return [];
  const pgbench = await Pgbench.of(session, { organizations });
  const made = [];
  for (const contestant of contestants.filter(({ name }) => RECORDED.includes(name))) {
    const caller = spares.at(-1 - made.length);
    const recording = await recordStatements(session, contestant, {
      caller,
      requests: requestsOf(contestant),
      documents,
    });
    const name = `${contestant.name}-sql`;
    await pgbench.prepare(name, recording);
    made.push(new DatabaseContestant(name, pgbench, contestant));
  }
  return made;
}

function requestsOf({ isService }) {
  const shares = Object.values(OPERATIONS).map(({ requests, requestsOfOthers = requests }) =>
    isService ? requests : requestsOfOthers,
  );
  return [...new Set(shares.flatMap(Object.keys))];
}
