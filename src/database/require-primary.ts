/** The address leads to a standby, which only follows another server and takes no changes. */
export class StandbyError extends Error {
  /** As PostgreSQL itself says it of a change: read_only_sql_transaction. */
  readonly code = '25006';

  constructor() {
    super('the server is a standby');
    this.name = 'StandbyError';
  }
}

interface Client {
  query(statement: string): Promise<{ rows: { isStandby: boolean }[] }>;
}

/**
 * Must be asked on each new connection. Changes would fail on a standby, and reads could miss what was acknowledged;
 * after a failover the address may lead there for a while.
 *
 * @throws StandbyError
 */
export async function requirePrimary(client: Client): Promise<void> {
  const { rows } = await client.query('select pg_is_in_recovery() as "isStandby"');
  if (rows[0]?.isStandby !== false) throw new StandbyError();
}
