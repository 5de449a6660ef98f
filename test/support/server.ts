import pg from 'pg';

/** The PostgreSQL server that the tests run on; without one they run on the embedded database. */
export const SERVER_URL = process.env['DATABASE_URL'] || undefined;

/** The address of another database on the same server. */
export function urlOf(database: string): string {
  const url = new URL(SERVER_URL!);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs a statement on the server itself, outside of any test's database. */
export async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
