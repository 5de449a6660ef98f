import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SETTINGS } from './database.js';

export const CONNECTIONS = 16;
export const PATH = '/settings/organization';
const WRK_SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

/** What stands in a body for the number that makes each one a change: the service stores nothing that is no change. */
const NUMBER = '"#"';

/**
 * The requests that are measured: each body is in two parts, around its number.
 * @type {Record<string, { method: string, body?: string[], isOfService?: boolean }>} `isOfService`: the bare server has
 *   no such route.
 */
export const KINDS = {
  read: { method: 'GET' },
  write: {
    method: 'PUT',
    body: bodyOf({
      maxFileSize: '20GB',
      retentionPolicy: { days: 90 },
      security: { requireMFA: false, sessionTimeout: '#' },
    }),
  },
  replace: {
    method: 'POST',
    body: bodyOf({ settings: { ...SETTINGS, security: { ...SETTINGS.security, sessionTimeout: '#' } } }),
    isOfService: true,
  },
};

const execute = promisify(execFile);

/**
 * What one measurement saw.
 * @typedef {{ requests: number, seconds: number, wrong: number }} Outcome `wrong` are answers that are no success, or
 *   that never came.
 */

/**
 * Sends requests of one kind to one server at a time, each in the name of the next user, over 16 connections. With wrk where that is installed, else with autocannon, which takes more of the machine for itself.
 */
export class Load {
  #tokens;
  #seconds;
  #signal;
  #folder;
  #measurements = 0;

  constructor(tokens, seconds, signal) {
    this.#tokens = tokens;
    this.#seconds = seconds;
    this.#signal = signal;
  }

  async prepare() {
    this.generator = (await isInstalled('wrk')) ? 'wrk' : 'autocannon';
    if (this.generator === 'autocannon') return;
    this.#folder = await mkdtemp(join(tmpdir(), 'flashback-bench-'));
    await writeFile(this.#tokensFile, this.#tokens.join('\n'));
  }

  /**
   * @param {keyof KINDS} kind
   * @returns {Promise<Outcome>}
   */
  async run(kind, { origin }) {
    this.#signal.throwIfAborted();
    // No number comes twice in a run, all have 13 digits, and each measurement begins with another user.
    const first = 1e12 + this.#measurements++ * (1e9 + 3333);
    const run = this.generator === 'wrk' ? this.#wrk : this.#autocannon;
    return run.call(this, KINDS[kind], origin, first);
  }

  async cleanUp() {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
  }

  async #wrk({ method, body = [] }, origin, first) {
    const options = ['-t1', `-c${CONNECTIONS}`, `-d${this.#seconds}s`, '--timeout', '10s', '-s', WRK_SCRIPT];
    const script = [this.#tokensFile, String(first), method, ...body];
    const { stdout } = await execute('wrk', [...options, origin + PATH, '--', ...script], { signal: this.#signal });
    return JSON.parse(stdout.trim().split('\n').at(-1));
  }

  async #autocannon({ method, body: parts }, origin, first) {
    const { default: autocannon } = await import('autocannon');
    let number = first;
    const setupRequest = (request) => {
      const headers = { authorization: `Bearer ${this.#tokens[number % this.#tokens.length]}` };
      if (parts !== undefined) headers['content-type'] = 'application/json';
      const body = parts?.join(number);
      number++;
      return { ...request, method, headers, body };
    };
    const cannon = autocannon({
      url: origin + PATH,
      connections: CONNECTIONS,
      duration: this.#seconds,
      requests: [{ setupRequest }],
    });
    const stop = () => cannon.stop();
    this.#signal.addEventListener('abort', stop);
    const result = await cannon;
    this.#signal.removeEventListener('abort', stop);
    this.#signal.throwIfAborted();
    return {
      requests: result.requests.total,
      seconds: result.duration,
      wrong: result.non2xx + result.errors,
    };
  }

  get #tokensFile() {
    return join(this.#folder, 'tokens');
  }
}

function bodyOf(value) {
  return JSON.stringify(value).split(NUMBER);
}

async function isInstalled(command) {
  try {
    await execute(command, ['--version']);
    return true;
  } catch (error) {
    return error.code !== 'ENOENT';
  }
}
