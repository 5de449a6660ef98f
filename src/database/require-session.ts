import type { DataSource } from 'typeorm';
import { UnsuitableDatabaseError } from './database.errors.js';
import { SESSION_SETTINGS } from './session-settings.js';

interface Session {
  readonly settings: Record<string, string>;
  readonly searchPath: string;
  readonly isDurable: boolean;
  /** Tables of ours that `search_path` does not lead to. */
  readonly strayTables: string[];
}

/**
 * Makes sure that sessions have the settings that were asked for. Only a pooler in between can withhold them.
 *
 * @param schema the one with our tables, as an identifier of SQL
 * @throws UnsuitableDatabaseError
 */
export async function requireSession(dataSource: DataSource, schema: string): Promise<void> {
  const [session] = await dataSource.query<Session[]>(
    `select
       (select json_object_agg(name, setting) from pg_settings where name = any($1::text[])) as settings,
       current_setting('search_path') as "searchPath", current_setting('synchronous_commit') <> 'off' as "isDurable",
       (select coalesce(json_agg(name), '[]') from unnest($2::text[]) t (name)
         where to_regclass(quote_ident(name)) is distinct from to_regclass($3 || '.' || quote_ident(name))) as "strayTables"`,
    [Object.keys(SESSION_SETTINGS), dataSource.entityMetadatas.map(({ tableName }) => tableName), schema],
  );
  const { settings, searchPath, isDurable, strayTables } = session!;
  const problems = Object.entries(SESSION_SETTINGS)
    .filter(([name, needed]) => !isAs(needed, settings[name]!))
    .map(([name, needed]) => `${name} is ${settings[name]} and must be ${needed}`);
  if (!isDurable) problems.push('synchronous_commit is off and must be on');
  if (strayTables.length > 0) problems.push(`search_path is ${searchPath} and must be ${schema}`);
  if (problems.length > 0) {
    throw new UnsuitableDatabaseError(
      `a pooler keeps back what the service asks for, and has to set it itself (docs/scaling.md): ${problems.join('; ')}`,
    );
  }
}

/** `DateStyle` has a second part, about what is read. */
function isAs(needed: string, value: string): boolean {
  return value === needed || value.startsWith(`${needed},`);
}
