import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';

const SERVICE = resolve('dist/service/main.js');
/** The same module by module, for those who put something else in the place of one. */
export const UNBUNDLED_SERVICE = resolve('dist/src/main.js');
const ADMIN = resolve('dist/src/admin/main.js');

/** What a child process needs of ours, and nothing that configures the service. */
const BARE_ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

type Variables = Record<string, string>;

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder of its own, away from any `.env` of the checkout. */
export async function aFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'flashback-run-'));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** The built service as a process of its own. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What it printed until it was ready. */
    readonly greeting: string,
    readonly url: string,
  ) {}

  /** Starts it on a free port and waits until it answers. */
  static async start(folder: string, variables: Variables = {}, script = SERVICE): Promise<ServiceProcess> {
    const port = variables['PORT'] ?? String(await freePort());
    const child = launch(script, [], folder, { ...variables, PORT: port });
    const output = collect(child);
    const url = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + 30_000;
    while (!(await answers(url)) || (isEmbedded(variables) && !output.stdout.includes('Swagger UI:'))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`The service did not start: ${output.stdout}${output.stderr}`);
      }
      await new Promise((wake) => setTimeout(wake, 20));
    }
    return new ServiceProcess(child, output.stdout, url);
  }

  /** The token that the greeting prints below the line that names its owner. */
  token(owner: 'demo owner' | 'plain member'): string {
    return new RegExp(`${owner}.*\\n(\\S+)`).exec(this.greeting)?.[1] ?? '';
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

/** Runs the service until it ends by itself: for starts that must fail. */
export function runService(folder: string, variables: Variables = {}): Promise<Finished> {
  return finish(launch(SERVICE, [], folder, variables));
}

/** Runs the administration command. */
export function runAdmin(folder: string, args: string[], variables: Variables = {}): Promise<Finished> {
  return finish(launch(ADMIN, args, folder, variables));
}

/** Runs any command to its end, with our environment and these variables. */
export function runCommand(
  command: string,
  args: string[],
  folder: string,
  variables: Variables = {},
): Promise<Finished> {
  const env = { ...process.env, ...variables };
  return finish(spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

function launch(script: string, args: string[], folder: string, variables: Variables): ChildProcess {
  return spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { ...BARE_ENVIRONMENT, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return output;
}

async function finish(child: ChildProcess): Promise<Finished> {
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

function isEmbedded(variables: Variables): boolean {
  return variables['DATABASE_URL'] === undefined;
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`).then(
    (answer) => answer.ok,
    () => false,
  );
}
