import pg from 'pg';
import { UnavailableError } from '../common/errors/common.errors.js';
import { isDatabaseAway } from '../common/errors/database-failure.js';
import { requirePrimary } from './require-primary.js';
import { isOutOfConnections } from './transient-failure.js';
import { WaitingLine } from './waiting-line.js';

interface Connection {
  readonly client: pg.Client;
  isReady: boolean;
  /** How many statements it was sent and has not answered. */
  running: number;
}

interface Waiting {
  readonly query: pg.QueryConfig;
  readonly resolve: (result: pg.QueryResult) => void;
  readonly reject: (error: unknown) => void;
}

/** How many connections a lane may have, and how many statements each may be sent before it has answered (pipelining). */
export interface LaneLimits {
  readonly connections: number;
  readonly depth: number;
}

/**
 * Connections of our own for work that is a single statement: it needs nobody's session, so many callers share few
 * connections, and a statement is sent before the one ahead of it is answered.
 *
 * 1. A statement goes to the connection with the least to do; where each has its fill, statements wait in order.
 * 2. Connections are made when they are needed and kept. One that is lost takes the statements with it that it was sent;
 *    the others may be as dead and not know it, so they are not used any more either, and new ones are made.
 * 3. A statement that waits in vain was not sent.
 */
export class ConnectionLane {
  private readonly connections = new Set<Connection>();
  private readonly queue = new WaitingLine<Waiting>();
  private isEnding = false;

  constructor(
    private readonly config: pg.ClientConfig,
    private readonly limits: LaneLimits,
    private readonly on: {
      /** A connection was lost. */
      readonly loss: () => void;
      /** There is no session to be had, unless another lane gives one back. */
      readonly outOfConnections: () => void;
    },
  ) {}

  /** How many statements wait for their turn. */
  get waitingCount(): number {
    return this.queue.length;
  }

  /** Whether a statement that came now would have a connection for itself. */
  get hasRoom(): boolean {
    return this.idleCount > 0 || this.connections.size < this.limits.connections;
  }

  get openCount(): number {
    return this.connections.size;
  }

  get idleCount(): number {
    let idle = 0;
    for (const { isReady, running } of this.connections) if (isReady && running === 0) idle++;
    return idle;
  }

  query(query: pg.QueryConfig): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      if (this.isEnding) {
        reject(new Error('Cannot use a pool after calling end on the pool'));
        return;
      }
      const connection = this.freest();
      const mayOpen = this.connections.size < this.limits.connections;
      if (connection !== undefined && (connection.running === 0 || !mayOpen)) {
        this.send(connection, { query, resolve, reject });
        return;
      }
      // Behind a statement that waits for a lock it would wait longer than for a new connection.
      if (mayOpen) this.open();
      this.queue.push({ query, resolve, reject });
    });
  }

  /** Makes new connections for all that comes from now on. */
  renew(): void {
    for (const connection of this.connections) if (connection.isReady) this.drop(connection);
  }

  /** Gives back the connections that have nothing to do. */
  releaseIdle(): void {
    for (const connection of this.connections) {
      if (connection.isReady && connection.running === 0) this.drop(connection);
    }
  }

  /** Waits for the statements that run. */
  async end(): Promise<void> {
    this.isEnding = true;
    this.queue.refuse(new UnavailableError());
    await Promise.all([...this.connections].map(({ client }) => client.end().catch(() => undefined)));
  }

  /** The connection with the least to do, if one has room. */
  private freest(): Connection | undefined {
    let freest: Connection | undefined;
    for (const connection of this.connections) {
      if (!connection.isReady || connection.running >= this.limits.depth) continue;
      if (freest === undefined || connection.running < freest.running) freest = connection;
      if (freest.running === 0) break;
    }
    return freest;
  }

  private send(connection: Connection, { query, resolve, reject }: Waiting): void {
    connection.running++;
    connection.client.query(query, (error: Error | null, result: pg.QueryResult) => {
      connection.running--;
      if (error) {
        if (isDatabaseAway(error)) this.lose(connection);
        reject(error);
      } else resolve(result);
      this.sendWaiting();
    });
  }

  private sendWaiting(): void {
    while (this.queue.length > 0) {
      const connection = this.freest();
      if (connection === undefined) {
        if (this.connections.size === 0) this.open();
        return;
      }
      if (connection.running > 0 && this.connections.size < this.limits.connections) return;
      this.send(connection, this.queue.shift()!);
    }
  }

  private open(): void {
    const connection: Connection = { client: new pg.Client(this.config), isReady: false, running: 0 };
    this.connections.add(connection);
    // A connection that is lost tells its statements itself, and says so here, too.
    connection.client.on('error', () => this.lose(connection));
    connection.client.on('end', () => this.lose(connection));
    connect(connection.client).then(
      () => {
        connection.isReady = true;
        this.sendWaiting();
      },
      (error: unknown) => this.fail(connection, error),
    );
  }

  /** What waits is told that there is no way to the database, unless another connection may still take it. */
  private fail(connection: Connection, error: unknown): void {
    this.drop(connection);
    if (this.connections.size > 0) return;
    if (isOutOfConnections(error)) this.on.outOfConnections();
    this.queue.refuse(error);
  }

  private lose(connection: Connection): void {
    if (!this.connections.has(connection)) return;
    this.drop(connection);
    if (connection.isReady) this.on.loss();
  }

  /** What it was sent is still answered, if it can be. */
  private drop(connection: Connection): void {
    this.connections.delete(connection);
    void connection.client.end().catch(() => undefined);
  }
}

/** @throws StandbyError */
async function connect(client: pg.Client): Promise<void> {
  await client.connect();
  await requirePrimary(client);
}
