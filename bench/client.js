import assert from 'node:assert/strict';
import { exchange } from './load/exchange.js';
import { SETTINGS_PATH } from './operations.js';

/** One user's requests about the settings of their organization, one after the other. */
export class Client {
  #origin;
  #token;
  #signal;

  constructor({ origin }, token, signal) {
    this.#origin = origin;
    this.#token = token;
    this.#signal = signal;
  }

  /** @throws assert.AssertionError when the answer is no success */
  async send(path, { method = 'GET', type, body } = {}) {
    this.#signal.throwIfAborted();
    const answer = await exchange(this.#origin, {
      method,
      path: SETTINGS_PATH + path,
      headers: { Authorization: `Bearer ${this.#token}`, ...(type && { 'Content-Type': type }) },
      body: body && JSON.stringify(body),
    });
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.body.slice(0, 300)}`);
  }
}
