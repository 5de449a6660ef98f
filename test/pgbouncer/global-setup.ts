import { SERVER_URL } from '../support/server.js';
import { PgBouncer } from './pgbouncer.js';

export default async function setup(): Promise<() => Promise<void>> {
  if (SERVER_URL === undefined) throw new Error('DATABASE_URL must name a PostgreSQL server');
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
