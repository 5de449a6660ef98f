import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;

/** What Linux counts CPU time in, whatever the kernel's own tick (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** A server under test: a process of its own on a free port of this machine. */
export class ServerProcess {
  #arguments;
  #environment;
  #child;

  /** @param {{ environment?: object, preload?: string }} options `preload`: a module that is run before the script */
  constructor(name, script, { environment, preload }) {
    this.name = name;
    this.#arguments = preload === undefined ? [script] : ['--import', preload, script];
    this.#environment = environment;
  }

  /** Resolves when it answers. It sees only the environment given here: no variable and no .env of the caller's. */
  async start(signal) {
    const port = await freePort();
    this.origin = `http://${HOST}:${port}`;
    this.#child = spawn(process.execPath, this.#arguments, {
      cwd: tmpdir(),
      env: { NODE_ENV: 'production', HOST, PORT: String(port), ...this.#environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#answers())) {
      signal.throwIfAborted();
      if (this.#hasEnded()) throw new Error(`The ${this.name} server ended while it started`);
      if (Date.now() > deadline) throw new Error(`The ${this.name} server does not answer`);
      await sleep(50);
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

  /** Memory that the process holds, in megabytes; `undefined` where the system has no /proc. */
  rssMegabytes() {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(this.#proc('status') ?? '')?.[1];
    return kilobytes && Number(kilobytes) / 1024;
  }

  async #answers() {
    try {
      await (await fetch(this.origin)).arrayBuffer();
      return true;
    } catch {
      return false;
    }
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
