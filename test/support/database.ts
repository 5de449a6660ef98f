import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { directUrlOf, onServer, variablesOf } from './server.js';

export interface TestDatabase {
  /** The environment variables that lead the service to it. */
  readonly variables: Record<string, string>;
  /** Where the tests themselves find it. */
  readonly directUrl: string;
  drop(): Promise<void>;
}

/** A migrated, empty database of its own. */
export function aDatabase(): Promise<TestDatabase> {
  return create(`template ${inject('template')}`);
}

/** A database of its own without any table. */
export function aBareDatabase(): Promise<TestDatabase> {
  return create('');
}

async function create(options: string): Promise<TestDatabase> {
  const name = `flashback_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(`create database ${name} ${options}`);
  return {
    variables: variablesOf(name),
    directUrl: directUrlOf(name),
    drop: () => onServer(`drop database if exists ${name} with (force)`),
  };
}
