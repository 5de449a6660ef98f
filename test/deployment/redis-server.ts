import { spawn } from 'node:child_process';
import { freePort, listens } from '../support/free-port.js';
import { Cleanup } from '../support/cleanup.js';

/** A Redis of our own, which may be stopped and started. */
export class RedisServer {
  private running: Cleanup | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', options, { stdio: 'ignore', cwd: '/' });
    this.running = new Cleanup('kill -KILL "$1"', [String(child.pid)]);
    await listens(this.port);
  }

  /** Without a word. */
  async stop(): Promise<void> {
    await this.running?.run();
    this.running = undefined;
  }
}
