import { Conversation } from './plan.js';

/** Sends requests with autocannon, which takes more of the machine for itself than wrk. */
export class Autocannon {
  name = 'autocannon';
  #callers;
  #signal;

  constructor(signal) {
    this.#signal = signal;
  }

  prepare(callers) {
    this.#callers = callers;
  }

  /** @param {import('./load.js').Assignment} assignment */
  async run({ origins, steps, first, seconds, connections }) {
    const { default: autocannon } = await import('autocannon');
    const conversation = new Conversation(steps, this.#callers, first);
    const setupRequest = (request, context) => {
      const { judge, ...next } = conversation.next();
      context.judge = judge;
      return { ...request, ...next, body: next.body === '' ? undefined : next.body };
    };
    const onResponse = (status, body, { judge }) => judge(status, body);
    const cannons = origins.map((url) =>
      autocannon({
        url,
        connections: connections / origins.length,
        duration: seconds,
        requests: [{ setupRequest, onResponse }],
      }),
    );
    const stop = () => cannons.forEach((cannon) => cannon.stop());
    this.#signal.addEventListener('abort', stop);
    const results = await Promise.all(cannons);
    this.#signal.removeEventListener('abort', stop);
    this.#signal.throwIfAborted();
    const { tally } = conversation;
    const failed = results.reduce((sum, { errors }) => sum + errors, 0);
    tally.addWrong('a connection failed, or an answer took more than 10 s', failed);
    return { tally, seconds: Math.max(...results.map(({ duration }) => duration)) };
  }
}
