import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../support/cleanup.js';
import { listens } from '../support/free-port.js';
import { outputOf } from '../support/operating-system.js';

/** Debian has it where the `PATH` of most users does not lead. */
const PROGRAMS = ['haproxy', '/usr/sbin/haproxy'];

export const HAPROXY = PROGRAMS.find((name) => outputOf(name, ['-v']) !== undefined);

/** HAProxy with a configuration of `deploy`, but for the addresses. */
export class HAProxy {
  private constructor(
    readonly port: number,
    private readonly cleanup: Cleanup,
  ) {}

  /**
   * @param file the configuration
   * @param port where it listens on the loopback address
   * @param servers what takes the place of the addresses in the lines that begin with `server`; others are dropped
   */
  static async start(file: string, port: number, servers: readonly string[]): Promise<HAProxy> {
    const folder = mkdtempSync(join(tmpdir(), 'flashback-haproxy-'));
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(path, configured(readFileSync(file, 'utf8'), port, servers));
    const child = spawn(HAPROXY!, ['-db', '-f', path], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const haproxy = new HAProxy(port, new Cleanup('kill "$1"; rm -rf "$2"', [String(child.pid), folder]));
    try {
      await listens(port, () => child.exitCode !== null);
      return haproxy;
    } catch {
      await haproxy.stop();
      throw new Error(`HAProxy does not start: ${said}`);
    }
  }

  async stop(): Promise<void> {
    await this.cleanup.run();
  }
}

function configured(text: string, port: number, servers: readonly string[]): string {
  const left = [...servers];
  return text
    .replace(/^( +bind ):\d+$/m, `$1127.0.0.1:${port}`)
    .replace(/^( +server \S+ ).*\n/gm, (_, start: string) => {
      const server = left.shift();
      return server === undefined ? '' : `${start}${server}\n`;
    });
}
