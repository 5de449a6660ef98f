const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A number with more digits than JavaScript's own hold, as the JSON text that it is. */
export class JsonNumber {
  readonly #text: string;

  /**
   * @param text a JSON number (RFC 8259 §6)
   * @throws SyntaxError for anything else
   */
  constructor(text: string) {
    if (!NUMBER.test(text)) throw new SyntaxError(`${text} is not a JSON number`);
    this.#text = text;
  }

  /** Every digit: for `BigInt`, when it is an integer without an exponent, and for libraries that know decimals. */
  toString(): string {
    return this.#text;
  }

  /** Plain `JSON.stringify` makes a string of it: it cannot write the digits as a number, and none shall be lost. */
  toJSON(): string {
    return this.#text;
  }
}
