import { checkSameAnswers, withEntityTags } from './check.js';
import { Load } from './load/load.js';

/** The database, the load and the contestants of a run. */
export class Stage {
  contestants = [];
  #session;

  /**
   * @param {string[]} names of the contestants, the service first, because it makes the tables
   * @param {object} options
   * @param {object} options.seed see `BenchDatabase.seed`
   * @param {object} options.contestants see `Session.contestant`
   */
  static async open(session, names, { seed, contestants }) {
    const stage = new Stage();
    stage.#session = session;
    stage.database = await session.createDatabase();
    stage.load = await Load.of(session);
    stage.tokenFor = session.issuer();
    await stage.start(names, contestants);
    await stage.seed(seed);
    return stage;
  }

  /** @param {object} options see `Session.contestant` */
  async start(names, options) {
    this.contestants = names.map((name) => this.#session.contestant(name, options));
    for (const contestant of this.contestants) await contestant.start(this.#session.signal);
  }

  async stop() {
    await Promise.all(this.contestants.map((contestant) => contestant.stop()));
  }

  /** Fills the tables anew. */
  async seed(size) {
    await this.database.seed(size);
    this.documents = await this.database.documents();
  }

  /** @returns {import('./load/plan.js').Caller[]} */
  name(owners) {
    return owners.map((owner) => ({ ...owner, token: this.tokenFor(owner.userId), etag: '' }));
  }

  /** The same, after each has read their settings once from every service, with the first one's entity tags. */
  async introduce(owners) {
    const callers = this.name(owners);
    const services = this.contestants.filter(({ isService }) => isService);
    const [tagged] = await Promise.all(
      services.map((service) => withEntityTags(service, callers, this.#session.signal)),
    );
    return tagged;
  }

  /**
   * The owners of all organizations, once all contestants have given them the same answers; the load speaks for them.
   * The spare ones have changed their settings meanwhile, the last ones excepted.
   */
  async checkedCallers() {
    const callers = await this.introduce(await this.database.owners());
    const spares = await this.introduce(await this.database.owners({ areSpare: true }));
    const { contestants, database, tokenFor } = this;
    await checkSameAnswers({ contestants, database, callers, spares, tokenFor, signal: this.#session.signal });
    await this.load.speakFor(callers);
    return { callers, spares };
  }

  /** What `inRounds` needs to know. */
  get setting() {
    return { database: this.database, load: this.load, documents: this.documents };
  }
}
