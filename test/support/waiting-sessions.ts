import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';

/** How long to wait for them, in milliseconds: less than a test may take. */
const PATIENCE_MS = 50_000;

/**
 * Returns when so many sessions of the database, or more, wait for locks.
 *
 * @throws Error when they do not
 */
export async function untilSessionsWait(dataSource: DataSource, count = 1): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(20)) {
    const waiting = await dataSource.query<object[]>(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting.length >= count) return;
    if (performance.now() > end) {
      throw new Error(`Waited ${PATIENCE_MS} ms for ${count} sessions that wait for locks: ${waiting.length} do`);
    }
  }
}
