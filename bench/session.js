import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createSigner } from 'fast-jwt';
import { ServerContestant } from './contestant.js';
import { BenchDatabase } from './database.js';
import { ServerProcess } from './servers/server-process.js';

const HOUR_MS = 3_600_000;

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const SERVICE = fileOf('../dist/service/main.js');

/** Who takes part. */
const CONTESTANTS = {
  service: { script: SERVICE, isService: true, keepsVersions: true },
  'without-versions': {
    script: SERVICE,
    preload: new URL('servers/without-versions.js', import.meta.url).href,
    isService: true,
  },
  other: { isService: true, keepsVersions: true },
  bare: { script: fileOf('servers/bare.js') },
  typical: { script: fileOf('servers/typical.js'), roundsNumbers: true },
};

/** The command line or the environment is wrong; the message is for the caller. */
export class UsageError extends Error {}

/**
 * A run of one benchmark: a database of its own and the servers on it, none of which outlives the run, whether it ends
 * by itself, with an error or by Ctrl-C.
 */
export class Session {
  #interruption = new AbortController();
  #secret = randomBytes(32).toString('hex');
  #undo = [];

  /** Runs `work` and sets the exit status. */
  static async run(work) {
    const session = new Session();
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => session.#interruption.abort());
    try {
      await work(session);
    } catch (error) {
      process.exitCode = session.signal.aborted ? 130 : 1;
      if (!session.signal.aborted) note(error instanceof UsageError ? error.message : error.stack);
    } finally {
      for (const step of session.#undo.reverse()) await step().catch((error) => note(error.stack));
    }
  }

  get signal() {
    return this.#interruption.signal;
  }

  /** Has something undone at the end; what is named last is undone first. */
  undoAtEnd(step) {
    this.#undo.push(step);
  }

  async createDatabase() {
    const { DATABASE_URL } = process.env;
    if (!/^postgres(ql)?:\/\/./.test(DATABASE_URL ?? '')) {
      throw new UsageError(
        'DATABASE_URL must name a PostgreSQL server (postgres://…) as a role that may create databases',
      );
    }
    const database = (this.database = new BenchDatabase(DATABASE_URL));
    this.undoAtEnd(() => database.drop());
    await database.create().catch((error) => {
      throw new UsageError(`DATABASE_URL: ${error.message || error.code}`);
    });
    return database;
  }

  /**
   * One of those that take part, which is yet to be started; the service first, because it makes the tables.
   *
   * @param {object} options
   * @param {string} [options.script] what to start in place of the service of this checkout
   */
  contestant(name, { instances = 1, ...options } = {}) {
    const servers = Array.from({ length: instances }, () => this.server(name, options));
    return new ServerContestant(name, servers, CONTESTANTS[name]);
  }

  /** One server of a contestant. */
  server(name, { environment, script = CONTESTANTS[name].script, ...options } = {}) {
    const { preload } = CONTESTANTS[name];
    const common = { DATABASE_URL: this.database?.url, JWT_SECRET: this.#secret, MIGRATE_ON_START: 'true' };
    const server = new ServerProcess(name, script, { preload, environment: { ...common, ...environment }, ...options });
    this.undoAtEnd(() => server.stop());
    return server;
  }

  /** A function that makes a user's token. */
  issuer() {
    const key = this.#secret;
    const sign = createSigner({ key, expiresIn: HOUR_MS });
    const signExpired = createSigner({ key, expiresIn: HOUR_MS, clockTimestamp: Date.now() - 2 * HOUR_MS });
    return (sub, { isExpired = false } = {}) => (isExpired ? signExpired : sign)({ sub });
  }
}

export function note(line) {
  process.stderr.write(`${line}\n`);
}

/** @throws UsageError */
export function wholeNumber(name, value) {
  if (!/^[1-9]\d*$/.test(value)) throw new UsageError(`--${name} must be a whole number from 1 on`);
  return Number(value);
}
