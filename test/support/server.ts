import { within } from './connection.js';
import { MODE } from './mode.js';

/**
 * The PostgreSQL server that the tests run on: the one that `DATABASE_URL` names, or else one of the test run itself
 * (global-setup.ts).
 */
export const SERVER_URL = process.env['DATABASE_URL'] || undefined;

/** `host:port` of a pooler through which the service reaches that server; the tests themselves go past it. */
export const POOLER = process.env['TEST_POOLER'] || undefined;

/** The environment variables of a service that works with another database on the same server. */
export function variablesOf(database: string): Record<string, string> {
  return {
    DATABASE_URL: urlOf(database),
    ...(POOLER !== undefined && { DATABASE_PREPARED_STATEMENTS: 'false' }),
    ...MODE,
  };
}

/** The address of another database on the same server, for a service. */
export function urlOf(database: string): string {
  const url = new URL(directUrlOf(database));
  if (POOLER !== undefined) url.host = POOLER;
  return url.href;
}

/** The same past the pooler: it would keep sessions in a database that is to be copied. */
export function directUrlOf(database: string): string {
  const url = new URL(SERVER_URL!);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs a statement on the server itself, outside of any test's database. */
export function onServer(statement: string): Promise<void> {
  return within(SERVER_URL!, async (client) => void (await client.query(statement)));
}
