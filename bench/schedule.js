/** Shares what is left of the time among the rows that are left. Times are those of `performance.now()`. */
export class Schedule {
  #end;
  #rows;

  /** @param {number} end when the last row is to be measured */
  constructor(end, rows) {
    this.#end = end;
    this.#rows = rows;
  }

  /** When the next row is to be measured. */
  next() {
    const now = performance.now();
    return now + (this.#end - now) / this.#rows--;
  }
}
