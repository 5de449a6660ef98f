import pg from 'pg';
import { UnavailableError } from '../common/errors/common.errors.js';
import { isConnectionLost, isServerLost } from '../common/errors/database-failure.js';
import { requirePrimary } from './require-primary.js';
import { MAX_WAIT_MS } from './timed-queue.js';
import { isOutOfConnections } from './transient-failure.js';

/** pg waits for it, whatever its type says. */
const onConnect = requirePrimary as (client: pg.ClientBase) => void;

/** What a pool tells those beside it. */
export interface PoolEvents {
  /** The server did not answer, or is not the primary any more, so other connections lead nowhere either. */
  readonly serverLost: () => void;
  /** The server has no session left, unless another pool gives one back. */
  readonly outOfConnections: () => void;
}

/** Statements that are sent on one connection, each behind the last, so that PostgreSQL begins with it at once. */
export interface Pipeline {
  /** The connection of the last one; none until the first one has been given one. */
  connection?: PipelinedConnection;
}

interface PipelinedConnection {
  readonly client: pg.PoolClient;
  /** How many statements have no answer yet. */
  running: number;
  isLost: boolean;
}

/**
 * A pool of connections for single statements.
 *
 * 1. A lost connection fails only the statements that were sent on it. After `renew`, connections are not used again,
 *    and end when their statements have been answered.
 * 2. A statement that waits for a connection in vain was never sent.
 */
export class ConnectionPool {
  /** The connections that were made since the last `renew`. */
  private fresh = new WeakSet<pg.PoolClient>();
  private busyCount = 0;

  /** @param pool may have other users, too; connections that it has already are replaced */
  constructor(
    private readonly pool: pg.Pool,
    private readonly size: number,
    private readonly on: PoolEvents,
  ) {
    this.pool.on('acquire', () => this.busyCount++);
    this.pool.on('release', () => this.busyCount--);
    this.pool.on('connect', (client) => {
      this.fresh.add(client);
      // The statement that was sent on the connection fails with the same error.
      client.on('error', () => undefined);
    });
    // An idle connection that is lost has left the pool already.
    this.pool.on('error', () => undefined);
  }

  /** One whose connections nobody else uses. */
  static to(config: pg.PoolConfig, size: number, on: PoolEvents): ConnectionPool {
    const options = { ...config, max: size, idleTimeoutMillis: 0, pipeline: true, onConnect };
    return new ConnectionPool(new pg.Pool(options), size, on);
  }

  get waitingCount(): number {
    return this.pool.waitingCount;
  }

  get openCount(): number {
    return this.pool.totalCount;
  }

  get idleCount(): number {
    return this.pool.idleCount;
  }

  /** Whether a statement that came now would have a connection at once, or one of its own. */
  get hasRoom(): boolean {
    const { idleCount, totalCount, waitingCount } = this.pool;
    return this.size - totalCount + idleCount > waitingCount;
  }

  /**
   * @param queryOf called once there is a connection
   * @param since when the caller came to wait, on the clock of `performance.now()`
   * @param pipeline while a statement of it runs, this one is sent behind it
   * @throws UnavailableError when all connections were busy for too long
   */
  async query(queryOf: () => pg.QueryConfig, since: number, pipeline: Pipeline = {}): Promise<pg.QueryResult> {
    const connection = this.inUse(pipeline) ?? { client: await this.connect(since), running: 0, isLost: false };
    pipeline.connection = connection;
    const isBehind = connection.running++ > 0;
    try {
      return await connection.client.query(isBehind ? { ...queryOf(), ...this.limitBehind } : queryOf());
    } catch (error) {
      connection.isLost ||= isConnectionLost(error);
      if (isServerLost(error)) this.on.serverLost();
      throw error;
    } finally {
      connection.running--;
      if (connection.running === 0) connection.client.release(connection.isLost || !this.fresh.has(connection.client));
    }
  }

  /** Has all connections replaced; statements that run are answered first. */
  renew(): void {
    this.fresh = new WeakSet();
    void this.releaseIdle();
  }

  /** Closes the connections that have nothing to do. */
  async releaseIdle(): Promise<void> {
    for (let left = this.pool.idleCount; left > 0 && this.pool.idleCount > 0; left--) {
      const client = await this.pool.connect().catch(() => undefined);
      client?.release(true);
    }
  }

  /** Waits for the statements that run. */
  end(): Promise<void> {
    return this.pool.end();
  }

  /**
   * How long a statement waits for its answer that was sent behind another. PostgreSQL counts the time of each from
   * when it begins with it, and pg from when it is sent: so the other one may take as long as PostgreSQL lets it.
   */
  private get limitBehind(): { query_timeout?: number } {
    const { query_timeout: own, statement_timeout: before } = this.pool.options;
    return own && before ? { query_timeout: own + before } : {};
  }

  /** The connection behind whose statements another may be sent. */
  private inUse({ connection }: Pipeline): PipelinedConnection | undefined {
    if (connection === undefined || connection.running === 0 || connection.isLost) return undefined;
    return this.fresh.has(connection.client) ? connection : undefined;
  }

  private async connect(since: number): Promise<pg.PoolClient> {
    try {
      for (;;) {
        const client = await this.next(since);
        if (this.fresh.has(client)) return client;
        client.release(true);
      }
    } catch (error) {
      if (error instanceof UnavailableError || this.busyCount >= this.size) throw new UnavailableError();
      if (isOutOfConnections(error)) this.on.outOfConnections();
      throw error;
    }
  }

  /** The pool's own limit of time begins with this wait; the caller may have waited elsewhere before. */
  private next(since: number): Promise<pg.PoolClient> {
    if (this.hasRoom) return this.pool.connect();
    const connecting = this.pool.connect();
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(
        () => {
          // Else connections are being made, which the pool ends itself.
          isLate = this.busyCount >= this.size;
          if (isLate) reject(new UnavailableError());
        },
        since + MAX_WAIT_MS - performance.now(),
      );
      connecting.then(
        (client) => {
          clearTimeout(timer);
          if (isLate) client.release();
          else resolve(client);
        },
        (error: Error) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }
}
