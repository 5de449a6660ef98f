import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { canRun } from './can-run.js';
import { Tally } from './plan.js';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

const execute = promisify(execFile);

/** Sends requests with wrk, over one connection for each of its threads. */
export class Wrk {
  name = 'wrk';
  #folder;
  #callers;
  #folders = new Map();
  #signal;

  constructor(folder, signal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  static isInstalled() {
    return canRun('wrk');
  }

  /** @param {import('./plan.js').Caller[]} callers */
  prepare(callers) {
    this.#callers = callers;
    this.#folders.clear();
  }

  /** @param {import('./load.js').Assignment} assignment */
  async run({ origins, steps, first, seconds, connections }) {
    const plan = {
      callers: await this.#callersFor(connections),
      threads: connections,
      first,
      targets: origins.map((origin) => ({ host: new URL(origin).hostname, port: new URL(origin).port })),
      steps: steps.map(({ path, headers, ...step }) => ({ ...step, head: headOf(step.method, path, headers) })),
    };
    await writeFile(this.#planFile, `return ${luaOf(plan)}\n`);
    const options = [`-t${connections}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT];
    const { stdout } = await execute('wrk', [...options, origins[0]], {
      env: { ...process.env, BENCH_PLAN: this.#planFile },
      signal: this.#signal,
    }).catch((error) => {
      throw new Error(`wrk ended by ${error.signal ?? error.code}: ${error.stderr}`, { cause: error });
    });
    const { seconds: took, right, changes, wrong, example, failed } = JSON.parse(stdout.trim().split('\n').at(-1));
    const tally = Object.assign(new Tally(), { right, changes });
    tally.addWrong(example, wrong);
    tally.addWrong('a connection failed, or an answer took more than 10 s', failed);
    return { tally, seconds: took };
  }

  /** A folder with a file for each thread, which has callers of its own. */
  async #callersFor(threads) {
    if (!this.#folders.has(threads)) {
      const folder = await mkdtemp(join(this.#folder, 'callers-'));
      for (let thread = 0; thread < threads; thread++) {
        const callers = this.#callers.filter((_, index) => index % threads === thread);
        const lines = callers.map(({ token, organization, name, etag }) =>
          [token, organization, name, etag].join('\t'),
        );
        await writeFile(join(folder, String(thread)), `${lines.join('\n')}\n`);
      }
      this.#folders.set(threads, folder);
    }
    return this.#folders.get(threads);
  }

  get #planFile() {
    return join(this.#folder, 'plan.lua');
  }
}

/** What comes before the body; `Content-Length` follows it. */
function headOf(method, path, headers) {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, ''].join('\r\n');
}

/** A value as a Lua expression. */
function luaOf(value) {
  if (typeof value === 'string')
    return `"${value.replace(/[\\"]/g, '\\$&').replace(/\r/g, '\\r').replace(/\n/g, '\\n')}"`;
  if (Array.isArray(value)) return `{ ${value.map(luaOf).join(', ')} }`;
  if (typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([name, member]) => `${name} = ${luaOf(member)}`)
      .join(', ')} }`;
  }
  return String(value);
}
