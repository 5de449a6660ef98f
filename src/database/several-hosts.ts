import pg from 'pg';
import { messageOf } from '../common/errors/database-failure.js';
import type { DatabaseHost } from '../config/database-address.js';
import { StandbyError } from './require-primary.js';

/** How long a host may take to say what it is, in milliseconds. */
const PATIENCE_MS = 2_000;

/** How long a result is used for further connections, in milliseconds: they are made together. */
const MEMORY_MS = 1_000;

/** The greatest is the one to work with: it takes changes, or else none does, and was promoted last. */
const RANK = `
  select pg_is_in_recovery() as "isStandby",
    case when not pg_is_in_recovery() then
      case when current_setting('transaction_read_only')::boolean then '0' else '1' end
        || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    end as rank`;

interface Primary {
  readonly host: DatabaseHost;
  /** Of one length. */
  readonly rank: string;
}

/** No host is a primary; each of the errors says why one of them is not. */
export class NoPrimaryError extends AggregateError {
  constructor(hosts: readonly DatabaseHost[], errors: readonly unknown[]) {
    const reasons = hosts.map(({ host }, place) => `${host}: ${messageOf(errors[place])}`);
    super(errors, `none of the hosts is a primary (${reasons.join('; ')})`);
    this.name = 'NoPrimaryError';
  }
}

/**
 * The class of clients that connect to whichever of several hosts is the primary just then. They ask all hosts anew,
 * unless others have just done so.
 *
 * Of several primaries it is one that takes changes, then the one that was promoted last: an old one that comes back
 * after a failover lacks what was acknowledged since. Of equal ones it is the first.
 *
 * @param config what leads to the database, whatever the host
 */
export function clientOfSeveralHosts(hosts: readonly DatabaseHost[], config: pg.ClientConfig): typeof pg.Client {
  let finding: Promise<DatabaseHost> | undefined;
  const find = () => {
    finding ??= findPrimary(hosts, config).finally(() => setTimeout(() => (finding = undefined), MEMORY_MS).unref());
    return finding;
  };

  return class extends pg.Client {
    override connect(): Promise<this>;
    override connect(callback: (error?: Error) => void): void;
    override connect(callback?: (error?: Error) => void): Promise<this> | void {
      const connecting = this.connectToPrimary();
      if (callback === undefined) return connecting;
      connecting.then(() => callback(), callback);
    }

    private async connectToPrimary(): Promise<this> {
      Object.assign(this, await find());
      try {
        await super.connect();
        return this;
      } catch (error) {
        finding = undefined;
        throw error;
      }
    }
  };
}

async function findPrimary(hosts: readonly DatabaseHost[], config: pg.ClientConfig): Promise<DatabaseHost> {
  const asked = await Promise.allSettled(hosts.map((host) => askHost(host, config)));
  const primaries = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [first] = primaries.toSorted((one, other) => other.rank.localeCompare(one.rank));
  if (first !== undefined) return first.host;
  throw new NoPrimaryError(
    hosts,
    asked.map((answer) => (answer as PromiseRejectedResult).reason as unknown),
  );
}

/** @throws StandbyError, or what kept it from answering */
async function askHost(host: DatabaseHost, config: pg.ClientConfig): Promise<Primary> {
  const limits = { connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS };
  const client = new pg.Client({ ...config, ...host, ...limits });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ isStandby: boolean; rank: string }>(RANK);
    if (rows[0]!.isStandby) throw new StandbyError();
    return { host: { host: client.host, port: client.port }, rank: rows[0]!.rank };
  } finally {
    client.end().catch(() => undefined);
  }
}
