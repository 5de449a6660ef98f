import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Cleanup } from './cleanup.js';
import { within } from './connection.js';
import type { TestDatabase } from './database.js';
import { freePort } from './free-port.js';
import { MODE } from './mode.js';
import { OS_USER } from './operating-system.js';
import { BINARIES } from './postgres-programs.js';

type Configuration = Record<string, string | number>;

/**
 * A PostgreSQL server of our own, on a free port of the loopback address, which may be stopped, killed, copied and
 * promoted. What it acknowledges is on the disk.
 */
export class PostgresServer implements TestDatabase {
  private constructor(
    /** Where a server may keep things of its own. */
    readonly folder: string,
    readonly port: number,
    private readonly cleanup: Cleanup,
  ) {}

  /** A new, running server. */
  static async start(configuration: Configuration = {}): Promise<PostgresServer> {
    const server = await PostgresServer.inFolder();
    try {
      await run('initdb', [
        '-D',
        server.data,
        '-U',
        'postgres',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
      ]);
      await server.start(configuration);
      return server;
    } catch (error) {
      await server.drop();
      throw error;
    }
  }

  private static async inFolder(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'flashback-postgres-'));
    if (OS_USER !== undefined) chownSync(folder, OS_USER.uid, OS_USER.gid);
    const script = '"$1" stop -D "$2/data" -m immediate; rm -rf "$2"';
    return new PostgresServer(folder, await freePort(), new Cleanup(script, [program('pg_ctl'), folder], OS_USER));
  }

  get variables(): Record<string, string> {
    return { DATABASE_URL: this.url(), ...MODE };
  }

  get directUrl(): string {
    return this.url();
  }

  url(user = 'postgres'): string {
    return `postgres://${user}@127.0.0.1:${this.port}/postgres`;
  }

  /** Returns when it takes connections. */
  async start(configuration: Configuration = {}): Promise<void> {
    const settings = { listen_addresses: '127.0.0.1', port: this.port, unix_socket_directories: '', ...configuration };
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    await run('pg_ctl', ['start', '-w', '-D', this.data, '-l', join(this.folder, 'log'), '-o', options.join(' ')]);
  }

  /** @param mode `immediate`: without a word, as in a power cut */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await run('pg_ctl', ['stop', '-w', '-D', this.data, '-m', mode]);
  }

  /** A running copy that follows this server. */
  async startStandby(name: string): Promise<PostgresServer> {
    const standby = await PostgresServer.inFolder();
    try {
      await standby.follow(this, name);
      return standby;
    } catch (error) {
      await standby.drop();
      throw error;
    }
  }

  /** Starts as a copy of another server, which it follows. It must not run; what it had is gone. */
  async follow(primary: PostgresServer, name: string): Promise<void> {
    rmSync(this.data, { recursive: true, force: true });
    const from = `${primary.url()}?application_name=${name}`;
    await run('pg_basebackup', ['-d', from, '-D', this.data, '-R', '-c', 'fast', '--no-sync']);
    await this.start();
  }

  /** Has this server acknowledge only what a standby has on disk, too; returns when it does. */
  async waitFor(standby: string): Promise<void> {
    await this.query(`alter system set synchronous_standby_names = '"${standby}"'`);
    await this.query('select pg_reload_conf()');
    const isSynchronous = `select from pg_stat_replication where sync_state = 'sync'`;
    for (let left = 200; (await this.query(isSynchronous)).length !== 1; left--) {
      if (left === 0) throw new Error(`${standby} does not follow`);
      await sleep(50);
    }
  }

  /** Returns when it is a primary. */
  async promote(): Promise<void> {
    await run('pg_ctl', ['promote', '-w', '-D', this.data]);
  }

  /** One statement of the superuser, on a connection of its own. */
  async query<Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<Row[]> {
    return this.within(async (client) => (await client.query<Row>(statement, values)).rows);
  }

  /** A connection of the superuser, as long as the work takes. */
  within<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    return within(this.url(), work);
  }

  async drop(): Promise<void> {
    await this.cleanup.run();
  }

  private get data(): string {
    return join(this.folder, 'data');
  }
}

/** Gives a folder to the user who runs the servers. */
export function giveToServer(folder: string): void {
  if (OS_USER !== undefined) chownSync(folder, OS_USER.uid, OS_USER.gid);
}

/** @throws Error with what the program printed */
async function run(name: string, args: string[]): Promise<void> {
  const child = spawn(program(name), args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...OS_USER });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${name} ${args[0]} failed: ${said}`);
}

function program(name: string): string {
  return join(BINARIES!, name);
}
