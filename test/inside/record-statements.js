/**
 * Preloaded into the service or the administration command: writes each statement that a provider of the application
 * hands to the PostgreSQL driver, and each call of a repository's method, to the file that TEST_STATEMENTS names.
 *
 * A line of JSON for what is new, `{"call"}` or `{"by","name","text"}`; the number of that line, counted from 0, for
 * what came before. It is written when it happens, so that nothing is missing where the process is killed.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { openSync, writeSync } from 'node:fs';
import pg from 'pg';
import { onInjectable } from './injectables.js';

const file = openSync(process.env.TEST_STATEMENTS, 'a');

/** The method of ours that runs, also beyond what it waits for. */
const running = new AsyncLocalStorage();

const numbers = new Map();
const watched = new WeakSet();

function write(entry) {
  const line = JSON.stringify(entry);
  const number = numbers.get(line);
  if (number === undefined) numbers.set(line, numbers.size);
  writeSync(file, `${number ?? line}\n`);
}

for (const { prototype } of [pg.Pool, pg.Client]) {
  replace(
    prototype,
    'query',
    (query) =>
      function (...args) {
        const by = running.getStore();
        const [{ name, text } = { text: args[0] }] = typeof args[0] === 'string' ? [] : args;
        if (by !== undefined) write({ by, name, text });
        return query.apply(this, args);
      },
  );
}

onInjectable(({ name: className, prototype }) => {
  const isRepository = className.endsWith('Repository');
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor') continue;
    const method = `${className}.${name}`;
    replace(
      prototype,
      name,
      (original) =>
        function (...args) {
          if (isRepository) write({ call: method });
          // A repository's method is named even where others run inside of it, one of anything else where none is yet.
          const by = isRepository ? undefined : running.getStore();
          return running.run(by ?? method, () => original.apply(this, args));
        },
    );
    if (isRepository) write({ method });
  }
});

function replace(prototype, name, watching) {
  const descriptor = descriptorOf(prototype, name);
  if (typeof descriptor.value !== 'function' || watched.has(descriptor.value)) return;
  const replacement = watching(descriptor.value);
  watched.add(replacement);
  Object.defineProperty(prototype, name, { ...descriptor, value: replacement });
}

/** Also of what the prototype inherits. */
function descriptorOf(prototype, name) {
  if (prototype === null) return {};
  return Object.getOwnPropertyDescriptor(prototype, name) ?? descriptorOf(Object.getPrototypeOf(prototype), name);
}
