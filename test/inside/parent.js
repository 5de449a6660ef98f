/**
 * Preloaded into a process that a test starts: tells the test on which port it listens, answers the test's questions,
 * and ends when the test's process does, however that ends.
 */
import { Server } from 'node:net';

/** By their names; a question may come before its handler. */
const handlers = new Map();

/** Has the test's `ask(name, …)` answered by what the handler returns, or rejects with. */
export function answer(name, handler) {
  handlerOf(name).resolve(handler);
}

function handlerOf(name) {
  if (!handlers.has(name)) {
    let resolve;
    handlers.set(name, { known: new Promise((now) => (resolve = now)), resolve });
  }
  return handlers.get(name);
}

if (process.send !== undefined) {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    this.once('listening', () => process.send({ port: this.address().port }));
    return listen.apply(this, args);
  };
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', ({ id, name, args }) => {
    handlerOf(name)
      .known.then((handler) => handler(...args))
      .then(
        (result) => process.send({ id, result }),
        (error) => process.send({ id, error: String(error?.stack ?? error) }),
      );
  });
  // It holds nobody up who is done.
  process.channel.unref();
}
