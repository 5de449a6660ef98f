import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from './exchange.js';
import { Conversation } from './plan.js';

/** A server that has too much to do may say so; who is told that waits for ever. */
const TURNED_AWAY = 503;

/**
 * Sends requests at a constant rate, whether or not those before them are answered (an open loop), over as many
 * connections as that takes. Latency counts from when a request was due to the last byte of its answer, so a server
 * that stalls is charged for every request that fell due meanwhile: nothing is omitted, in a coordinated way or
 * otherwise.
 */
export class PacedSender {
  #signal;

  constructor(signal) {
    this.#signal = signal;
  }

  /**
   * @returns the tally; the latencies, and how late the requests left, in milliseconds and sorted; how many were turned
   * away
   */
  async run({ origin, steps, callers, first, seconds, rate }) {
    const conversation = new Conversation(steps, callers, first);
    const agent = new Agent({ keepAlive: true });
    const latencies = [];
    const delays = [];
    let turnedAway = 0;
    const total = seconds * rate;
    const start = performance.now();
    const answers = [];
    while (answers.length < total) {
      this.#signal.throwIfAborted();
      const due = start + (answers.length * 1000) / rate;
      const delay = performance.now() - due;
      if (delay < 0) {
        await sleep(1);
        continue;
      }
      delays.push(delay);
      const { judge, ...message } = conversation.next();
      answers.push(
        exchange(origin, { ...message, agent }).then(
          ({ status, body }) => {
            const isTurnedAway = status === TURNED_AWAY;
            latencies.push(isTurnedAway ? Infinity : performance.now() - due);
            if (isTurnedAway) turnedAway++;
            else judge(status, body);
          },
          (error) => conversation.tally.addWrong(error.message),
        ),
      );
    }
    await Promise.all(answers);
    agent.destroy();
    const ascending = (numbers) => numbers.sort((a, b) => a - b);
    return { tally: conversation.tally, turnedAway, latencies: ascending(latencies), delays: ascending(delays) };
  }
}
