import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRecording, type Recording, statementLog } from '../tenants/statement-log.js';

const SERVICE = resolve('dist/service/main.js');
/** The same module by module, for those who put something else in the place of one. */
export const UNBUNDLED_SERVICE = resolve('dist/src/main.js');
export const ADMIN = resolve('dist/src/admin/main.js');

/** What a child process needs of ours, and nothing that configures the service. */
const BARE_ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

/** How long a start may take, in milliseconds: the first one of an embedded database on a busy machine is slow. */
const PATIENCE_MS = 120_000;

/** How long an answer may take, in milliseconds: less than a test. */
const ANSWER_PATIENCE_MS = 55_000;

export type Variables = Record<string, string>;

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ProcessOptions {
  /** Modules that look into the process, by their paths from test/inside. */
  readonly preload?: readonly string[];
  readonly script?: string;
  /** Takes what the process prints on standard output, as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** A folder of its own, away from any `.env` of the checkout. */
export async function aFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'flashback-run-'));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** A process that test/inside/parent.js connects with the test. */
export class ConnectedProcess {
  /** All that it printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  private readonly questions = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  private asked = 0;
  private readonly statements: string | undefined;
  private readonly end: Promise<unknown>;
  protected readonly child: ChildProcess;

  protected constructor(script: string, folder: string, variables: Variables, options: ProcessOptions) {
    const { child, statements } = launch(
      script,
      [],
      folder,
      variables,
      ['parent.js', ...(options.preload ?? [])],
      'ipc',
    );
    this.child = child;
    this.statements = statements;
    this.output = collect(child);
    this.end = once(child, 'close');
    if (options.onOutput !== undefined) {
      child.stdout!.on('data', options.onOutput);
    }
    child.on('message', (message: { id?: number; result?: unknown; error?: string }) => {
      if (message.id === undefined) return;
      const question = this.questions.get(message.id);
      if (message.error === undefined) question?.resolve(message.result);
      else question?.reject(new Error(message.error));
    });
    child.on('exit', () => {
      for (const { reject } of this.questions.values()) reject(new Error(`The process ended: ${this.output.stderr}`));
    });
  }

  /** Asks one of the preloaded modules. @throws Error when it does not answer */
  async ask<Result>(name: string, ...args: unknown[]): Promise<Result> {
    const id = this.asked++;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.questions.set(id, { resolve: resolve as (result: unknown) => void, reject });
        this.child.send({ id, name, args }, (error) => error && reject(error));
        const fail = () => {
          const { stdout, stderr } = this.output;
          const what = [name, ...args.flat().filter((arg) => typeof arg === 'string')].join(' ');
          reject(new Error(`Waited ${ANSWER_PATIENCE_MS} ms for the answer to ${what}: ${stdout}${stderr}`));
        };
        timer = setTimeout(fail, ANSWER_PATIENCE_MS);
      });
    } finally {
      clearTimeout(timer);
      this.questions.delete(id);
    }
  }

  /** The statements that it issued so far. */
  get recording(): Recording {
    if (this.statements === undefined) throw new Error('Nothing is recorded without a PostgreSQL server');
    return readRecording(this.statements);
  }

  /** @returns the exit status, or nothing when the signal ended it */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    await this.end;
    return this.child.exitCode;
  }
}

/** The built service as a process of its own. */
export class ServiceProcess extends ConnectedProcess {
  private port = 0;

  /**
   * Starts it, by default on a free port, and waits until it listens; on an embedded database, until it has greeted,
   * too.
   */
  static async start(folder: string, variables: Variables = {}, options: ProcessOptions = {}): Promise<ServiceProcess> {
    const service = new ServiceProcess(options.script ?? SERVICE, folder, { PORT: '0', ...variables }, options);
    try {
      await service.becomesReady(variables['DATABASE_URL'] === undefined);
    } catch (error) {
      await service.kill('SIGKILL');
      throw error;
    }
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it printed so far. */
  get greeting(): string {
    return this.output.stdout;
  }

  /** The token that the greeting prints below the line that names its owner. */
  token(owner: 'demo owner' | 'plain member'): string {
    return new RegExp(`${owner}.*\\n(\\S+)`).exec(this.greeting)?.[1] ?? '';
  }

  private becomesReady(mustGreet: boolean): Promise<void> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The service ${why}: ${this.output.stdout}${this.output.stderr}`));
      const timer = setTimeout(() => fail(`did not start within ${PATIENCE_MS} ms`), PATIENCE_MS);
      const look = () => {
        if (this.port === 0 || (mustGreet && !this.greeting.includes('Swagger UI:'))) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout!.on('data', look);
      child.on('message', ({ port }: { port?: number }) => {
        if (port === undefined) return;
        this.port = port;
        look();
      });
      child.once('close', () => {
        clearTimeout(timer);
        fail('did not start');
      });
    });
  }
}

/** Runs the service until it ends by itself: for starts that must fail. */
export function runService(folder: string, variables: Variables = {}): Promise<Finished> {
  return finish(launch(SERVICE, [], folder, variables).child);
}

/** Runs the administration command. */
export function runAdmin(folder: string, args: string[], variables: Variables = {}): Promise<Finished> {
  return finish(launch(ADMIN, args, folder, variables).child);
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

function launch(
  script: string,
  args: string[],
  folder: string,
  variables: Variables,
  preload: readonly string[] = [],
  ...channel: 'ipc'[]
): { child: ChildProcess; statements: string | undefined } {
  const statements = variables['DATABASE_URL'] === undefined ? undefined : statementLog.newFile();
  const modules = statements === undefined ? preload : ['record-statements.js', ...preload];
  const imports = modules.map((name) => `--import=${pathToFileURL(resolve('test/inside', name)).href}`);
  const child = spawn(process.execPath, [...imports, script, ...args], {
    cwd: folder,
    env: { ...BARE_ENVIRONMENT, ...(statements !== undefined && { TEST_STATEMENTS: statements }), ...variables },
    stdio: ['ignore', 'pipe', 'pipe', ...channel],
  });
  return { child, statements };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return output;
}

async function finish(child: ChildProcess): Promise<Finished> {
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
