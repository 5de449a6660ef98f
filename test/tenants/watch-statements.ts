import { AsyncLocalStorage } from 'node:async_hooks';
import { PGlite } from '@electric-sql/pglite';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ownedSchemaOf } from './owned-schema.js';
import { statementLog } from './statement-log.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Prototype = Record<string, Method>;

/** The method of ours that runs, also beyond what it waits for. */
const running = new AsyncLocalStorage<string>();

const watched = new WeakSet<object>();

/**
 * Has every statement logged that a provider of the application issues from now on, by whatever way it reaches a driver.
 * What a test issues itself, on the same connections, is not logged.
 */
export function watchStatements(app: INestApplicationContext): void {
  statementLog.schema = ownedSchemaOf(app.get(DataSource));
  for (const driver of [pg.Pool, pg.Client, PGlite]) watchDriver(driver.prototype as unknown as Prototype);
  for (const { providers } of app.get(ModulesContainer).values()) {
    for (const { metatype, instance } of providers.values()) {
      // Of classes only: what a factory made, TypeORM's connection among it, is also used by tests.
      if (typeof metatype === 'function' && (instance as object | null)?.constructor === metatype) {
        watchProvider(metatype.name, metatype.prototype as Prototype);
      }
    }
  }
}

function watchDriver(prototype: Prototype): void {
  replace(
    prototype,
    'query',
    (query) =>
      function (...args) {
        const by = running.getStore();
        if (by !== undefined) statementLog.add(by, textOf(args[0]));
        return query.apply(this, args);
      },
  );
}

/** A repository's method is named even where others run inside of it, a method of anything else where none is named yet. */
function watchProvider(className: string, prototype: Prototype): void {
  const isRepository = className.endsWith('Repository');
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor') continue;
    replace(
      prototype,
      name,
      (method) =>
        function (...args) {
          if (isRepository) statementLog.calls.add(`${className}.${name}`);
          const by = isRepository ? undefined : running.getStore();
          return running.run(by ?? `${className}.${name}`, () => method.apply(this, args));
        },
    );
  }
}

function replace(prototype: Prototype, name: string, watching: (method: Method) => Method): void {
  const descriptor = descriptorOf(prototype, name);
  const method = descriptor.value as unknown;
  if (typeof method !== 'function' || watched.has(method)) return;
  const replacement = watching(method as Method);
  watched.add(replacement);
  Object.defineProperty(prototype, name, { ...descriptor, value: replacement });
}

/** Also of what the prototype inherits. */
function descriptorOf(prototype: object | null, name: string): PropertyDescriptor {
  if (prototype === null) return {};
  return (
    Object.getOwnPropertyDescriptor(prototype, name) ?? descriptorOf(Object.getPrototypeOf(prototype) as object, name)
  );
}

function textOf(query: unknown): string {
  return typeof query === 'string' ? query : (query as { text: string }).text;
}
