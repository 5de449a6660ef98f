import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createSigner } from 'fast-jwt';
import { BenchDatabase } from './database.js';
import { ServerProcess } from './server-process.js';

const SERVICE = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const HOUR_MS = 3_600_000;

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
    this.database = new BenchDatabase(DATABASE_URL);
    this.undoAtEnd(() => this.database.drop());
    await this.database.create().catch((error) => {
      throw new UsageError(`DATABASE_URL: ${error.message || error.code}`);
    });
    return this.database;
  }

  /** A server on the database, which is yet to be started. */
  server(name, script, { environment, ...options } = {}) {
    const common = { DATABASE_URL: this.database.url, JWT_SECRET: this.#secret };
    const server = new ServerProcess(name, script, { environment: { ...common, ...environment }, ...options });
    this.undoAtEnd(() => server.stop());
    return server;
  }

  /** The built service. The first one to be started makes the tables. */
  service(name, options) {
    return this.server(name, SERVICE, { environment: { MIGRATE_ON_START: 'true' }, ...options });
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
