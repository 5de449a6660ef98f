import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { UnsuitableDatabaseError } from './database.errors.js';
import { FolderLock } from './folder-lock.js';

interface QueryConfig {
  text: string;
  values?: unknown[];
}

interface QueryResult {
  rows: unknown[];
  rowCount: number;
  command: string;
}

type Release = (error?: unknown) => void;
type ConnectCallback = (error: Error | null, client?: EmbeddedClient, release?: Release) => void;

/** The database's own folder within the folder of data. */
const FOLDER = 'postgres';

/** Whether an embedded database was made there before. */
export function hasEmbeddedDatabase(dataDir: string): boolean {
  return existsSync(join(dataDir, FOLDER));
}

/** PostgreSQL's type of a bigint; pg hands it over as text, because a JavaScript number cannot hold it. */
const INT8_OID = 20;

/**
 * The embedded PostgreSQL (PGlite) behind the part of pg's `Pool` that TypeORM and our repositories use.
 *
 * 1. It opens the folder on the first use and holds its lock until `end`.
 * 2. There is one session: `connect` hands it to one caller at a time, so a transaction has it alone.
 */
export class EmbeddedPool extends EventEmitter {
  private readonly dataDir: string;
  private opening?: Promise<{ database: PGlite; lock: FolderLock }>;
  private lastInQueue: Promise<void> = Promise.resolve();
  /** How many wait for the session. */
  waitingCount = 0;

  constructor(options: { dataDir: string }) {
    super();
    this.dataDir = options.dataDir;
  }

  connect(): Promise<EmbeddedClient & { release: Release }>;
  connect(callback: ConnectCallback): void;
  connect(callback?: ConnectCallback): Promise<EmbeddedClient & { release: Release }> | void {
    const client = this.acquire();
    if (callback === undefined) return client;
    client.then(
      (acquired) => callback(null, acquired, acquired.release),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async query(query: QueryConfig | string, values?: unknown[]): Promise<QueryResult> {
    const client = await this.connect();
    try {
      return await client.query(query, values);
    } finally {
      client.release();
    }
  }

  end(callback?: (error?: Error) => void): void {
    this.close().then(
      () => callback?.(),
      (error: unknown) => callback?.(error as Error),
    );
  }

  private async acquire(): Promise<EmbeddedClient & { release: Release }> {
    const { database } = await (this.opening ??= this.open());
    const before = this.lastInQueue;
    let release: Release = () => undefined;
    this.lastInQueue = new Promise((resolve) => (release = () => resolve()));
    this.waitingCount++;
    await before;
    this.waitingCount--;
    return Object.assign(new EmbeddedClient(database), { release });
  }

  private async open() {
    const lock = FolderLock.acquire(this.dataDir);
    try {
      const { PGlite } = await import('@electric-sql/pglite').catch(() => {
        throw new UnsuitableDatabaseError('the embedded one is no part of this installation: set DATABASE_URL');
      });
      const database = await PGlite.create(join(this.dataDir, FOLDER), {
        parsers: { [INT8_OID]: (digits: string) => digits },
      });
      return { database, lock };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private async close(): Promise<void> {
    if (this.opening === undefined) return;
    const { database, lock } = await this.opening;
    await this.lastInQueue;
    await database.close();
    lock.release();
  }
}

class EmbeddedClient extends EventEmitter {
  constructor(private readonly database: PGlite) {
    super();
  }

  async query(query: QueryConfig | string, values?: unknown[]): Promise<QueryResult> {
    const config = typeof query === 'string' ? { text: query, values } : query;
    const { rows, affectedRows } = await this.database.query(config.text, config.values);
    const command = /^\s*(\w+)/.exec(config.text)?.[1]?.toUpperCase() ?? '';
    return { rows, rowCount: command === 'SELECT' ? rows.length : (affectedRows ?? rows.length), command };
  }
}
