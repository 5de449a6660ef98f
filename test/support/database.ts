import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { onServer, SERVER_URL, variablesOf } from './server.js';

export interface TestDatabase {
  /** The environment variables that lead to it. */
  readonly variables: Record<string, string>;
  drop(): Promise<void>;
}

/** A migrated, empty database of its own. */
export function aDatabase(): Promise<TestDatabase> {
  return create({ from: inject('template') });
}

/** A database of its own without any table. */
export function aBareDatabase(): Promise<TestDatabase> {
  return create({});
}

async function create({ from }: { from?: string }): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flashback-test-'));
  const removeDataDir = () => rm(dataDir, { recursive: true });
  if (SERVER_URL === undefined) {
    if (from !== undefined) await cp(from, dataDir, { recursive: true });
    return { variables: { DATA_DIR: dataDir }, drop: removeDataDir };
  }
  const name = `flashback_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(`create database ${name}${from === undefined ? '' : ` template ${from}`}`);
  return {
    variables: { ...variablesOf(name), DATA_DIR: dataDir },
    drop: async () => {
      await onServer(`drop database if exists ${name} with (force)`);
      await removeDataDir();
    },
  };
}
