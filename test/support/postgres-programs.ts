import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { outputOf } from './operating-system.js';

const NEEDED = ['initdb', 'pg_ctl', 'pg_basebackup'];
export const OLDEST_VERSION = 15;

/** The folder of PostgreSQL's programs, if this machine has them, and not too old. */
export const BINARIES = findBinaries();

/** Whether the tests have a server: one that `DATABASE_URL` names, or one that they start themselves. */
export const HAS_SERVER = Boolean(process.env['DATABASE_URL']) || BINARIES !== undefined;

function findBinaries(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...configuredFolder(), ...debianFolders()];
  return folders.find(
    (folder) =>
      NEEDED.every((name) => existsSync(join(folder, name))) &&
      Number(/\d+/.exec(outputOf(join(folder, 'initdb'), ['--version']) ?? '')?.[0]) >= OLDEST_VERSION,
  );
}

function configuredFolder(): string[] {
  const folder = outputOf('pg_config', ['--bindir']);
  return folder === undefined ? [] : [folder];
}

/** The newest first. */
function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin'));
}
