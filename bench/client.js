import assert from 'node:assert/strict';
import { PATH } from './load.js';

/** One user's requests, one after the other. */
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
    const headers = { authorization: `Bearer ${this.#token}`, ...(type && { 'content-type': type }) };
    const response = await fetch(this.#origin + PATH + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: this.#signal,
    });
    const text = await response.text();
    assert.equal(response.status, 200, `${method} ${path}: ${text.slice(0, 300)}`);
  }
}
