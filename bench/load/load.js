import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Autocannon } from './autocannon.js';
import { PacedSender } from './paced-sender.js';
import { Wrk } from './wrk.js';

export const CONNECTIONS = 16;

/**
 * Far enough apart that no number comes twice in a run, and odd, so that each measurement begins with another caller.
 */
const NUMBERS_OF_A_MEASUREMENT = 1e9 + 3333;

/**
 * @typedef Assignment
 * @property {string[]} origins of one server, or of the instances of one
 * @property {import('./plan.js').Step[]} steps
 * @property {number} first the number of the first request, of 13 digits
 * @property {number} seconds
 * @property {number} connections
 */

/** Sends requests in the name of one caller after another, with wrk where that is installed, else with autocannon. */
export class Load {
  #signal;
  #callers;
  #generator;
  #measurements = 0;

  /** @param {import('../session.js').Session} session whose end also ends this */
  static async of(session) {
    const load = new Load();
    load.#signal = session.signal;
    if (await Wrk.isInstalled()) {
      const folder = await mkdtemp(join(tmpdir(), 'flashback-bench-'));
      session.undoAtEnd(() => rm(folder, { recursive: true }));
      load.#generator = new Wrk(folder, session.signal);
    } else {
      load.#generator = new Autocannon(session.signal);
    }
    return load;
  }

  get generator() {
    return this.#generator.name;
  }

  /** @param {import('./plan.js').Caller[]} callers */
  async speakFor(callers) {
    this.#callers = callers;
    await this.#generator.prepare(callers);
  }

  /** As many requests as are answered, each connection sending the next one when the last one is answered. */
  run(origins, steps, { seconds, connections = CONNECTIONS }) {
    this.#signal.throwIfAborted();
    return this.#generator.run({ origins, steps, first: this.nextNumber(), seconds, connections });
  }

  /** So many requests a second, whether or not those before them are answered. */
  runPaced(origin, steps, { seconds, rate }) {
    this.#signal.throwIfAborted();
    return new PacedSender(this.#signal).run({
      origin,
      steps,
      callers: this.#callers,
      first: this.nextNumber(),
      seconds,
      rate,
    });
  }

  nextNumber() {
    return 1e12 + this.#measurements++ * NUMBERS_OF_A_MEASUREMENT;
  }
}
