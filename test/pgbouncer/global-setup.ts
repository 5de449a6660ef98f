import { PgBouncer } from './pgbouncer.js';

export default async function setup(): Promise<() => Promise<void>> {
  // Not before, because the server may be one that the setup before this one started.
  const { SERVER_URL } = await import('../support/server.js');
  if (SERVER_URL === undefined) throw new Error('There must be a PostgreSQL server');
  const pgbouncer = await PgBouncer.start(SERVER_URL);
  process.env['TEST_POOLER'] = pgbouncer.address;
  return async () => {
    try {
      const transactions = await pgbouncer.countTransactions();
      console.log(`${transactions} transactions went through ${pgbouncer.version}`);
      if (transactions === 0) throw new Error('no transaction went through PgBouncer');
    } finally {
      await pgbouncer.stop();
    }
  };
}
