import { resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { ADMIN, ConnectedProcess, type Finished, type Variables } from './process.js';

/** The built administration command, run again and again in one process. */
export class AdminSession extends ConnectedProcess {
  private last: Promise<unknown> = Promise.resolve();

  constructor(variables: Variables) {
    super(resolve('test/inside/admin-runner.js'), tmpdir(), variables, {});
    this.child.unref();
    this.child.channel?.unref();
  }

  /** One after the other. */
  run(args: readonly string[], variables: Variables): Promise<Finished> {
    const run = this.last.then(() => this.ask<Finished>('run', ADMIN, args, variables));
    // One that does not answer would run beside the next.
    this.last = run.catch(() => this.child.kill('SIGKILL'));
    return run;
  }
}
