import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../support/free-port.js';
import { aFolder, ServiceProcess, UNBUNDLED_SERVICE } from '../support/process.js';

/** A port that is free now may be taken a moment later. */
const ATTEMPTS = 3;

/** Several real instances of the built service, which come and go. */
export class Cluster {
  private readonly running: (ServiceProcess | undefined)[] = [];
  private readonly urls: string[] = [];
  /** How often an instance was killed, and how often it was started again. */
  kills = 0;
  restarts = 0;

  private constructor(
    private readonly folder: Awaited<ReturnType<typeof aFolder>>,
    private readonly variables: Record<string, string>,
    private readonly script?: string,
  ) {}

  /** @param planted a module in `planted/` to preload: a bug for the checker to find */
  static async start(size: number, variables: Record<string, string>, planted?: string): Promise<Cluster> {
    const preload = planted && {
      NODE_OPTIONS: `--import=${pathToFileURL(resolve('test/consistency/planted', planted)).href}`,
    };
    const cluster = new Cluster(await aFolder(), { ...variables, ...preload }, planted && UNBUNDLED_SERVICE);
    try {
      await Promise.all(Array.from({ length: size }, (_, instance) => cluster.launch(instance)));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get size(): number {
    return this.urls.length;
  }

  /** Where an instance listens, or did until it was killed. */
  urlOf(instance: number): string {
    return this.urls[instance]!;
  }

  /** `kill -9`, and start again. */
  async killAndRestart(instance: number): Promise<void> {
    await this.kill(instance);
    this.kills++;
    await this.launch(instance);
    this.restarts++;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((_, instance) => this.kill(instance)));
    await this.folder.remove();
  }

  private async launch(instance: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const variables = { ...this.variables, PORT: String(await freePort()) };
        const service = await ServiceProcess.start(this.folder.path, variables, this.script);
        this.running[instance] = service;
        this.urls[instance] = service.url;
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async kill(instance: number): Promise<void> {
    await this.running[instance]?.kill('SIGKILL');
    this.running[instance] = undefined;
  }
}
