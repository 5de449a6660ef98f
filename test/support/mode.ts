const SHARED_STATEMENTS = process.env['DATABASE_SHARED_STATEMENTS'];

/**
 * What every service on a PostgreSQL server is told: `DATABASE_SHARED_STATEMENTS=false npm test` tries all of it in the
 * mode that a distributed PostgreSQL needs.
 */
export const MODE: Readonly<Record<string, string>> =
  SHARED_STATEMENTS === undefined ? {} : { DATABASE_SHARED_STATEMENTS: SHARED_STATEMENTS };
