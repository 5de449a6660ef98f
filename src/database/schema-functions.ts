import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EntityManager } from 'typeorm';

/** Beside this file, or beside the bundle that it is part of. */
const FOLDER = join(import.meta.dirname, 'functions');

interface SchemaFunction {
  readonly name: string;
  readonly text: string;
  readonly hash: string;
}

/** The functions of the database: one file each, named after its function. */
export function schemaFunctions(): SchemaFunction[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      return { name: basename(file, '.sql'), text, hash: createHash('sha256').update(text).digest('hex') };
    });
}

/** The names of the functions that were never loaded, and of those whose files differ from what was loaded last. */
export async function staleFunctions(manager: EntityManager): Promise<{ missing: string[]; different: string[] }> {
  const loaded = await loadedHashes(manager);
  const stale = schemaFunctions().filter(({ name, hash }) => loaded.get(name) !== hash);
  return {
    missing: stale.flatMap(({ name }) => (loaded.has(name) ? [] : [name])),
    different: stale.flatMap(({ name }) => (loaded.has(name) ? [name] : [])),
  };
}

/**
 * Loads the functions whose files differ from what was loaded last (docs/adr/0016-functions-in-files.md).
 *
 * Those that say `set search_path from current` find the tables of this schema, whatever a session's own path is.
 * Nobody may execute a function but its owner and those to whom docs/grants.sql grants it.
 *
 * @param manager of a transaction
 * @returns the names of the functions that were loaded
 */
export async function loadFunctions(manager: EntityManager): Promise<string[]> {
  const loaded = await loadedHashes(manager);
  const stale = schemaFunctions().filter(({ name, hash }) => loaded.get(name) !== hash);
  if (stale.length === 0) return [];
  // PostgreSQL would look for what a body calls, which may be loaded after it.
  await manager.query('set local check_function_bodies = off');
  await manager.query(`select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)`);
  for (const { name, text, hash } of stale) {
    await manager.query(text);
    await manager.query(
      `insert into schema_functions (name, hash) values ($1, $2) on conflict (name) do update set hash = excluded.hash`,
      [name, hash],
    );
  }
  const names = stale.map(({ name }) => name);
  for (const signature of await signaturesOf(manager, names)) {
    await manager.query(`revoke execute on function ${signature} from public`);
  }
  return names;
}

async function signaturesOf(manager: EntityManager, names: readonly string[]): Promise<string[]> {
  const rows = await manager.query<{ signature: string }[]>(
    `select p.oid::regprocedure::text as signature from pg_proc p
     where p.pronamespace = quote_ident(current_schema())::regnamespace and p.proname = any ($1)`,
    [names],
  );
  return rows.map(({ signature }) => signature);
}

async function loadedHashes(manager: EntityManager): Promise<Map<string, string>> {
  const rows = await manager.query<{ name: string; hash: string }[]>('select name, hash from schema_functions');
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}
