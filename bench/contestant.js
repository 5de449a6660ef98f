import { stepsOf } from './load/plan.js';
import { unquoted } from './operations.js';

/** Whoever takes part: a server, or several instances of one, that answers HTTP. */
export class ServerContestant {
  /** Where it works, if not where the others do: see `Stage.setting`. */
  place;
  #servers;

  /**
   * @param {import('./servers/server-process.js').ServerProcess[]} servers
   * @param {object} options
   * @param {boolean} [options.isService] it has the features that others lack
   * @param {boolean} [options.keepsVersions]
   * @param {boolean} [options.roundsNumbers] it reads documents as JavaScript does, and writes them without blanks
   */
  constructor(name, servers, { isService = false, keepsVersions = false, roundsNumbers = false }) {
    this.name = name;
    this.isService = isService;
    this.keepsVersions = keepsVersions;
    this.roundsNumbers = roundsNumbers;
    this.#servers = servers;
  }

  /** Of the only server, or the first of its instances. */
  get origin() {
    return this.origins[0];
  }

  get origins() {
    return this.#servers.map(({ origin }) => origin);
  }

  async start(signal) {
    for (const server of this.#servers) await server.start(signal);
  }

  async stop() {
    for (const server of this.#servers) await server.stop();
  }

  /**
   * @param {Record<string, number>} shares of each request among all
   * @param {import('./operations.js').Documents} documents as PostgreSQL writes them
   */
  stepsOf(shares, { initial, updated }) {
    const format = (text) => unquoted(this.roundsNumbers ? JSON.stringify(JSON.parse(text)) : text);
    return stepsOf(shares, { initial: format(initial), updated: format(updated) });
  }

  /** @returns {Promise<import('./rounds.js').Attempt>} */
  async attempt(shares, { load, documents, seconds, connections }) {
    const steps = this.stepsOf(shares, documents);
    const cpuBefore = this.#sum((server) => server.cpuMicroseconds());
    const { tally, seconds: took } = await load.run(this.origins, steps, { seconds, connections });
    return {
      requestsPerSecond: tally.right / took,
      cpuMicroseconds: (this.#sum((server) => server.cpuMicroseconds()) - cpuBefore) / tally.right,
      memoryMegabytes: this.#sum((server) => server.memoryMegabytes()),
      changes: tally.changes,
      wrong: tally.wrong,
      example: tally.example,
    };
  }

  #sum(measure) {
    return this.#servers.reduce((sum, server) => sum + measure(server), 0);
  }
}

/** The statements of a server, without the server. */
export class DatabaseContestant {
  #pgbench;

  constructor(name, pgbench, { isService = false, keepsVersions = false } = {}) {
    this.name = name;
    this.isService = isService;
    this.keepsVersions = keepsVersions;
    this.#pgbench = pgbench;
  }

  async attempt(shares, { load, seconds }) {
    const {
      right,
      changes,
      seconds: took,
    } = await this.#pgbench.run(this.name, shares, { seconds, first: load.nextNumber() });
    return { requestsPerSecond: right / took, changes, wrong: 0 };
  }
}
