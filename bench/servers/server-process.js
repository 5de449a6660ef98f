import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from '../load/exchange.js';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;

/** What Linux counts CPU time in, whatever the kernel's own tick (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** A server under test: a process of its own on a free port of this machine. */
export class ServerProcess {
  /** What it wrote on standard output, if that was asked for. */
  output = '';
  #arguments;
  #environment;
  #keepsOutput;
  #child;

  /**
   * @param {object} options
   * @param {object} options.environment all that it sees: no variable and no .env of the caller's
   * @param {string} [options.preload] a module that is run before the script
   * @param {boolean} [options.keepsOutput] else what it writes is thrown away
   */
  constructor(name, script, { environment, preload, keepsOutput = false }) {
    this.name = name;
    this.#arguments = preload === undefined ? [script] : ['--import', preload, script];
    this.#environment = environment;
    this.#keepsOutput = keepsOutput;
  }

  /** Resolves when it answers. */
  async start(signal) {
    await this.launch();
    await this.waitFor(() => exchange(this.origin, { path: '/' }), signal);
  }

  /** Resolves when the process is there, which is long before it answers. */
  async launch() {
    const port = await freePort();
    this.origin = `http://${HOST}:${port}`;
    this.#child = spawn(process.execPath, this.#arguments, {
      cwd: tmpdir(),
      env: { NODE_ENV: 'production', HOST, PORT: String(port), ...this.#environment },
      stdio: ['ignore', this.#keepsOutput ? 'pipe' : 'ignore', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => (this.output += text));
  }

  /** Tries something every few milliseconds until it neither fails nor yields a falsy value. */
  async waitFor(attempt, signal) {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await attempt().catch(() => false))) {
      signal.throwIfAborted();
      if (this.#hasEnded()) throw new Error(`The ${this.name} server ended while it started`);
      if (performance.now() > deadline) throw new Error(`The ${this.name} server does not answer`);
      await sleep(5);
    }
  }

  async stop() {
    if (this.#child === undefined || this.#hasEnded()) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(patience);
  }

  /** CPU time that the process has used, in microseconds; `undefined` where the system has no /proc. */
  cpuMicroseconds() {
    const stat = this.#proc('stat');
    // The fields behind the name, which may contain blanks: utime and stime are the 14th and 15th of the line.
    const [utime, stime] =
      stat
        ?.slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13) ?? [];
    return stat && ((Number(utime) + Number(stime)) * 1e6) / TICKS_PER_SECOND;
  }

  /** Memory that the process holds (resident set), in megabytes; `undefined` where the system has no /proc. */
  memoryMegabytes() {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(this.#proc('status') ?? '')?.[1];
    return kilobytes && Number(kilobytes) / 1024;
  }

  #hasEnded() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #proc(file) {
    try {
      return readFileSync(`/proc/${this.#child.pid}/${file}`, 'utf8');
    } catch {
      return undefined;
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
