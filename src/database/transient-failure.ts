import { setTimeout as sleep } from 'node:timers/promises';
import { codesOf } from '../common/errors/database-failure.js';

/**
 * SQLSTATEs (PostgreSQL manual, appendix A) of failures that are nobody's fault and leave nothing behind: the statement
 * was rolled back whole, or never ran. So it may be sent again as it is.
 *
 * - 40001 serialization_failure: another transaction was faster, where the database's default isolation is stricter
 *   than `read committed`
 * - 40P01 deadlock_detected: of two that waited for each other, this one was chosen to give way
 * - 55P03 lock_not_available: a lock was not to be had within `lock_timeout`, where an operator has set one
 * - 53300 too_many_connections: there was no session to run it in
 * - 26000 invalid_sql_statement_name: it was sent right behind the first of its name, which could not be prepared
 *
 * Not 40003 (statement_completion_unknown), nor a lost connection: there the statement may have taken effect.
 */
const TRANSIENT_SQLSTATES = new Set(['40001', '40P01', '55P03', '53300', '26000']);

/** How often a statement is sent at most. */
const ATTEMPTS = 10;

/** None is sent again later than this after the first time, in milliseconds. */
const PATIENCE_MS = 2_000;

/**
 * The longest pause before the second attempt; before each later one it is twice as long, up to the limit.
 * Milliseconds.
 */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/**
 * Runs a single statement that is a transaction of its own until it no longer fails transiently; the last failure is
 * thrown to the caller. Pauses are random, so that those who collided do not collide again.
 */
export async function retryTransient<Result>(run: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const pause = Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      const isTooLate = attempt === ATTEMPTS || performance.now() + pause - start > PATIENCE_MS;
      if (isTooLate || !isTransient(error)) throw error;
      await sleep(pause);
    }
  }
}

/** Whether the server had no session left. */
export function isOutOfConnections(error: unknown): boolean {
  return codesOf(error).includes('53300');
}

function isTransient(error: unknown): boolean {
  return codesOf(error).some((code) => TRANSIENT_SQLSTATES.has(code));
}
