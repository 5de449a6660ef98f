import { REQUESTS } from '../operations.js';

/**
 * @typedef {{ token: string, organization: string, name: string, etag: string }} Caller
 *
 * @typedef Step one request with its only right answer, as templates (see operations.js)
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} body
 * @property {number} status
 * @property {string} answer
 * @property {string} answerOnceUpdated
 * @property {boolean} isChange
 * @property {boolean} isUpdate
 */

/**
 * The requests of an operation, each as often as its share of all is.
 *
 * @param {Record<string, number>} shares
 * @param {import('../operations.js').Documents} documents as the contestant writes them
 * @returns {Step[]}
 */
export function stepsOf(shares, documents) {
  return Object.entries(shares).flatMap(([name, share]) => Array(share).fill(stepOf(REQUESTS[name], documents)));
}

function stepOf({ answer, answerOnceUpdated = answer, headers = {}, body = '', ...request }, documents) {
  return {
    isChange: false,
    isUpdate: false,
    ...request,
    headers: {
      Authorization: 'Bearer <token>',
      ...headers,
      ...(body !== '' && { 'Content-Type': 'application/json' }),
    },
    body,
    answer: answer(documents),
    answerOnceUpdated: answerOnceUpdated(documents),
  };
}

/** What one measurement saw. */
export class Tally {
  right = 0;
  /** Right answers to changes. */
  changes = 0;
  wrong = 0;
  /** Of the first wrong answer, what it was. */
  example;

  addWrong(example, count = 1) {
    if (count === 0) return;
    this.wrong += count;
    this.example ??= example;
  }
}

/** Requests in the name of one caller after the other, and the judgement on their answers. wrk.lua does the same. */
export class Conversation {
  tally = new Tally();
  #steps;
  #callers;
  #first;
  #turn = 0;
  #lastUpdates = new Map();

  /**
   * @param {Step[]} steps
   * @param {Caller[]} callers
   * @param {number} first the number of the first request; it also says who begins
   */
  constructor(steps, callers, first) {
    this.#steps = steps.map((step) => ({
      ...step,
      path: filler(step.path),
      headers: Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name, filler(value)])),
      body: filler(step.body),
      answer: filler(step.answer),
      answerOnceUpdated: filler(step.answerOnceUpdated),
    }));
    this.#callers = callers;
    this.#first = first;
  }

  /** The next request, with `judge(status, body)` for its answer. */
  next() {
    const number = this.#first + this.#turn;
    const index = number % this.#callers.length;
    const pass = Math.floor(this.#turn++ / this.#callers.length);
    const step = this.#steps[(index + pass) % this.#steps.length];
    const fields = {
      ...this.#callers[index],
      number: String(number),
      pass: String(pass).padStart(2, '0'),
      last: this.#lastUpdates.get(index),
    };
    return {
      method: step.method,
      path: step.path(fields),
      headers: Object.fromEntries(Object.entries(step.headers).map(([name, fill]) => [name, fill(fields)])),
      body: step.body(fields),
      judge: (status, body) => this.#judge(step, fields, index, status, body),
    };
  }

  #judge(step, fields, index, status, body) {
    const expected = fields.last === undefined ? step.answer(fields) : step.answerOnceUpdated(fields);
    if (status !== step.status || body !== expected) {
      this.tally.addWrong(`${step.method} was answered ${status} ${body.slice(0, 300)}`);
      return;
    }
    this.tally.right++;
    if (step.isChange) this.tally.changes++;
    if (step.isUpdate) this.#lastUpdates.set(index, fields.number);
  }
}

/** A function that fills the placeholders of a template. */
function filler(template) {
  const parts = template.split(/<(\w+)>/);
  if (parts.length === 1) return () => template;
  return (fields) => parts.map((part, index) => (index % 2 === 0 ? part : fields[part])).join('');
}
