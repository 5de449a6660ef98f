import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Cleanup } from '../support/cleanup.js';
import { freePort, listens } from '../support/free-port.js';
import { OS_USER, outputOf } from '../support/operating-system.js';

/** Debian has it where the `PATH` of most users does not lead. */
const PROGRAMS = ['pgbouncer', '/usr/sbin/pgbouncer'];

/** Fewer than the connections of one instance, so that these do share sessions. */
const POOL_SIZE = 6;

/** PgBouncer with the configuration of `deploy`. */
export class PgBouncer {
  private constructor(
    readonly address: string,
    readonly version: string,
    private readonly cleanup: Cleanup,
  ) {}

  /**
   * In front of the server to which an address leads.
   *
   * @param without settings of the documented configuration that it lacks
   */
  static async start(url: string, without?: RegExp): Promise<PgBouncer> {
    const program = PROGRAMS.find((name) => outputOf(name, ['--version']) !== undefined);
    if (program === undefined) throw new Error('pgbouncer is not installed');
    const version = outputOf(program, ['--version'])!.split('\n')[0]!;

    const folder = mkdtempSync(join(tmpdir(), 'flashback-pgbouncer-'));
    const port = await freePort();
    const server = new URL(url);
    const [user, password] = [server.username, server.password].map((part) => quoted(decodeURIComponent(part)));
    writeFileSync(join(folder, 'users'), `${user} ${password}\n"console" ""\n`);
    writeFileSync(join(folder, 'pgbouncer.ini'), configuration(folder, server, port, without));
    if (OS_USER !== undefined) chownSync(folder, OS_USER.uid, OS_USER.gid);

    const child = spawn(program, [join(folder, 'pgbouncer.ini')], { stdio: 'ignore', cwd: '/', ...OS_USER });
    const cleanup = new Cleanup('kill -INT "$1"; sleep 0.2; rm -rf "$2"', [String(child.pid), folder], OS_USER);
    const pgbouncer = new PgBouncer(`127.0.0.1:${port}`, version, cleanup);
    try {
      await listens(port, () => child.exitCode !== null);
      return pgbouncer;
    } catch {
      const log = readFileSync(join(folder, 'log'), 'utf8');
      await pgbouncer.stop();
      throw new Error(`pgbouncer did not start: ${log}`);
    }
  }

  async countTransactions(): Promise<number> {
    const client = new pg.Client({ connectionString: `postgres://console@${this.address}/pgbouncer` });
    await client.connect();
    try {
      const { rows } = await client.query<{ database: string; xact_count: string }>('show stats_totals');
      const ofTests = rows.filter(({ database }) => database !== 'pgbouncer');
      return ofTests.reduce((sum, { xact_count: count }) => sum + Number(count), 0);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.cleanup.run();
  }
}

/** That of `deploy`, but for where things are and who may connect. */
function configuration(folder: string, server: URL, port: number, without = /(?!)/): string {
  const documented = readFileSync('deploy/three-instances/pgbouncer.ini', 'utf8');
  const own = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    logfile: join(folder, 'log'),
    auth_type: 'trust',
    auth_file: join(folder, 'users'),
    stats_users: 'console',
    default_pool_size: POOL_SIZE,
  };
  const others = documented
    .split('\n')
    .filter((line) => !Object.keys(own).some((name) => line.startsWith(`${name} =`)))
    .join('\n')
    .replace(/^flashback = host=\S+ port=\S+ dbname=\S+/m, `* = host=${server.hostname} port=${server.port || 5432}`)
    .replace(without, '');
  return `${others}\n${Object.entries(own)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
