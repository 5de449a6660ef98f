import { DataSource, type QueryRunner } from 'typeorm';
import { UnavailableError } from '../common/errors/common.errors.js';
import { isConnectionLost } from '../common/errors/database-failure.js';
import { isOutOfConnections, retryTransient } from './transient-failure.js';

/** The driver's. */
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly options: { readonly max: number };
}

interface Client {
  end(): Promise<void>;
}

/**
 * TypeORM's data source for a database that fails at times.
 *
 * 1. A statement outside of a transaction that fails transiently is sent again.
 * 2. A statement that gets no connection because all are in use is refused, and was never sent.
 * 3. A connection that is lost does not go back into the pool: the server may be gone without a word, or no longer be
 *    the primary.
 */
export class ResilientDataSource extends DataSource {
  /** Called to give back connections that are not needed just now. */
  onOutOfConnections: () => void = () => undefined;

  override createQueryRunner(mode?: 'master' | 'slave'): QueryRunner {
    const runner = super.createQueryRunner(mode);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<never>;
    const once = (...args: unknown[]) =>
      query(...args).catch(async (error: unknown) => {
        if (isOutOfConnections(error)) this.onOutOfConnections();
        if (isPoolTimeout(error) && this.isBusy) throw new UnavailableError();
        if (isConnectionLost(error)) await giveUpConnection(runner);
        throw error;
      });
    runner.query = (...args: unknown[]) =>
      runner.isTransactionActive ? once(...args) : retryTransient(() => once(...args));
    return runner;
  }

  /** Whether all connections of the pool are in use. */
  private get isBusy(): boolean {
    const { master } = this.driver as unknown as { master: Pool };
    return master.totalCount - master.idleCount >= master.options.max;
  }
}

/** The driver's pool has no code for it. */
function isPoolTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

/** The pool takes no client back that was ended. */
async function giveUpConnection(runner: QueryRunner): Promise<void> {
  const client = await (runner.connect() as Promise<Client>).catch(() => undefined);
  client?.end().catch(() => undefined);
}
