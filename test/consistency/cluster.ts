import { aFolder, type ProcessOptions, ServiceProcess, UNBUNDLED_SERVICE } from '../support/process.js';

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
    private readonly options: ProcessOptions,
  ) {}

  /** @param planted a module in `planted/` to preload: a bug for the checker to find */
  static async start(size: number, variables: Record<string, string>, planted?: string): Promise<Cluster> {
    const options = planted && { script: UNBUNDLED_SERVICE, preload: [`../consistency/planted/${planted}`] };
    const cluster = new Cluster(await aFolder(), variables, options || {});
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
    const service = await ServiceProcess.start(this.folder.path, this.variables, this.options);
    this.running[instance] = service;
    this.urls[instance] = service.url;
  }

  private async kill(instance: number): Promise<void> {
    await this.running[instance]?.kill('SIGKILL');
    this.running[instance] = undefined;
  }
}
