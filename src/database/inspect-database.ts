import type { DatabaseAddress } from '../config/database-address.js';
import { connectionTo, LIMITS, newClient } from './data-source-options.js';
import {
  type AddressVariable,
  ReadOnlyDatabaseError,
  UnreachableDatabaseError,
  UnsuitableDatabaseError,
} from './database.errors.js';
import { requirePrimary } from './require-primary.js';
import { startupOptions } from './session-settings.js';

/** What a start has to know of a database before it opens it. */
export interface Inspection {
  /** Where the tables are or, where there are none, would be made: an identifier of SQL. `undefined`: nowhere. */
  readonly schema: string | undefined;
  readonly hasTables: boolean;
  /** The startup parameter `options` of all sessions. */
  readonly options: string;
}

interface Facts {
  readonly encoding: string;
  readonly searchPath: string;
  readonly currentSchema: string | null;
  /** Those that have our tables, the one that `search_path` leads to first. */
  readonly schemas: { readonly name: string; readonly isInPath: boolean }[];
  readonly isReadOnly: boolean;
  readonly isDurable: boolean;
  readonly knowsTransactionTimeout: boolean;
}

/** A table of ours, by a name that nobody else would choose. */
const TABLE = 'organization_settings';

const FACTS = `
  select current_setting('server_encoding') as encoding, current_setting('search_path') as "searchPath",
    quote_ident(current_schema()) as "currentSchema",
    (select coalesce(json_agg(
        json_build_object('name', quote_ident(n.nspname), 'isInPath', n.nspname = any(current_schemas(false)))
        order by array_position(current_schemas(false), n.nspname), n.nspname), '[]')
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = '${TABLE}' and c.relkind in ('r', 'p') and c.relpersistence = 'p') as schemas,
    current_setting('default_transaction_read_only')::boolean as "isReadOnly",
    current_setting('synchronous_commit') <> 'off' as "isDurable",
    current_setting('transaction_timeout', true) is not null as "knowsTransactionTimeout"`;

/**
 * Looks at a database as its owner set it up: whether it can be used, where the tables are, and what to ask for with
 * each session.
 *
 * @param variable the one that has the address
 * @throws UnreachableDatabaseError
 * @throws UnsuitableDatabaseError
 */
export async function inspectDatabase(variable: AddressVariable, address: DatabaseAddress): Promise<Inspection> {
  const { encoding, searchPath, currentSchema, schemas, ...facts } = await readFacts(variable, address);
  if (encoding !== 'UTF8') throw new UnsuitableDatabaseError(`its encoding is ${encoding}, and must be UTF8`);
  const [found, ...others] = schemas;
  if (found?.isInPath === false && others.length > 0) {
    const names = schemas.map(({ name }) => name).join(', ');
    throw new UnsuitableDatabaseError(
      `search_path (${searchPath}) leads to none of the schemas with its tables: ${names}`,
    );
  }
  const schema = found?.name ?? currentSchema ?? undefined;
  const options = startupOptions({
    ...(schema !== undefined && { search_path: `${schema}, pg_temp` }),
    ...(!facts.isDurable && { synchronous_commit: 'on' }),
    ...(facts.knowsTransactionTimeout && { transaction_timeout: '0' }),
  });
  return { schema, hasTables: found !== undefined, options };
}

async function readFacts(variable: AddressVariable, address: DatabaseAddress): Promise<Facts> {
  const client = newClient({ ...connectionTo(address, startupOptions({})), ...LIMITS });
  try {
    await client.connect();
    await requirePrimary(client);
    const { rows } = await client.query<Facts>(FACTS);
    if (rows[0]!.isReadOnly) throw new ReadOnlyDatabaseError();
    // The role may have no more sessions than the pool is about to open.
    await client.end();
    return rows[0]!;
  } catch (error) {
    client.end().catch(() => undefined);
    throw new UnreachableDatabaseError(variable, error);
  }
}
