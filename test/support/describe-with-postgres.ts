import { describe } from 'vitest';
import { BINARIES, OLDEST_VERSION } from './postgres-programs.js';

/** For what is done to a whole PostgreSQL server: it needs one of its own. */
export function describeWithPostgres(name: string, body: () => void): void {
  if (BINARIES === undefined) describe.skip(`${name} (skipped: no programs of PostgreSQL ${OLDEST_VERSION})`, body);
  else describe(name, body);
}
