import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OsUser } from './operating-system.js';

/**
 * A shell script that runs when it is asked to, or when the process of the tests ends, however that comes about: it
 * waits for the end of a pipe that only this process holds open.
 */
export class Cleanup {
  private readonly shell: ChildProcess;

  constructor(script: string, args: readonly string[], user?: OsUser) {
    // Out of the reach of Ctrl-C, which ends all of the terminal's own.
    this.shell = spawn('sh', ['-c', `read _; ${script}`, 'cleanup', ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      ...user,
    });
  }

  async run(): Promise<void> {
    const end = once(this.shell, 'exit');
    this.shell.stdin!.end();
    if (this.shell.exitCode === null) await end;
  }
}
