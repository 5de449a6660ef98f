import { spreadOf, sumOf } from './statistics.js';

/** What contestants did in rounds, each in its turn. The first of them is the one that is compared with the others. */
export class MeasuredRounds {
  #rounds;
  #names;

  /** @param {Record<string, { wrong: number, example?: string }>[]} rounds by the contestants' names */
  constructor(rounds) {
    this.#rounds = rounds;
    this.#names = Object.keys(rounds[0]);
  }

  get count() {
    return this.#rounds.length;
  }

  /** How much was wrong in all, and the first example of it. */
  get problem() {
    const attempts = this.#rounds.flatMap(Object.values);
    return {
      wrong: sumOf(attempts.map(({ wrong }) => wrong)),
      example: attempts.find(({ example }) => example !== undefined)?.example,
    };
  }

  /** For each contestant, what `combine` makes of its rounds. */
  each(member, combine) {
    return Object.fromEntries(this.#names.map((name) => [name, combine(this.#of(name, member))]));
  }

  /**
   * For each other contestant the ratios of the first to it within the rounds; `undefined` where nothing was measured.
   *
   * @param combine what it makes of them
   */
  ratios(member, combine = spreadOf) {
    const [first, ...others] = this.#names;
    return Object.fromEntries(
      others.map((other) => {
        const theirs = this.#of(other, member);
        const ratios = this.#of(first, member).map((ours, round) => ours / theirs[round]);
        return [other, ratios.some(Number.isNaN) ? undefined : combine(ratios)];
      }),
    );
  }

  #of(name, member) {
    return this.#rounds.map((attempts) => attempts[name][member]);
  }
}
