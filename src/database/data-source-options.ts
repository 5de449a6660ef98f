import { Logger } from '@nestjs/common';
import type { ClientConfig } from 'pg';
import type { DataSourceOptions, MixedList } from 'typeorm';
import type { Environment } from '../config/environment.js';
import { EmbeddedPool } from './embedded-pool.js';
import { CreateTables1795219200000 } from './migrations/1795219200000-create-tables.js';
import { KeepChanges1795305600000 } from './migrations/1795305600000-keep-changes.js';
import { AddServiceAccounts1795392000000 } from './migrations/1795392000000-add-service-accounts.js';
import { LoadFunctionsFromFiles1795651200000 } from './migrations/1795651200000-load-functions-from-files.js';
import { requirePrimary } from './require-primary.js';

/** In the order in which they were written. */
const MIGRATIONS = [
  CreateTables1795219200000,
  KeepChanges1795305600000,
  AddServiceAccounts1795392000000,
  LoadFunctionsFromFiles1795651200000,
];

/** How long a caller waits for a connection before it is told that the database is away, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** After how long a statement counts as lost, with its connection: the server may be gone without a word. */
const QUERY_TIMEOUT_MS = 8_000;

/** After how long the server itself ends a statement and takes it back: before it counts as lost, so that none goes on unseen. */
const STATEMENT_TIMEOUT_MS = 7_000;

const LIMITS = { query_timeout: QUERY_TIMEOUT_MS, statement_timeout: STATEMENT_TIMEOUT_MS };

const APPLICATION_NAME = 'flashback-backend';

/** How the connections of an instance are divided. */
export interface ConnectionShares {
  /** TypeORM's pool: what is not on the way of most requests. */
  readonly typeorm: number;
  readonly reads: number;
  /** Statements that may wait for locks, and those of one caller. */
  readonly changes: number;
}

export function connectionShares({
  DATABASE_POOL_SIZE: size,
  DATABASE_SHARED_STATEMENTS,
}: Environment): ConnectionShares {
  const few = size < 8 ? 1 : 2;
  const reads = DATABASE_SHARED_STATEMENTS ? few : Math.floor((size - few) / 2);
  return { typeorm: few, reads, changes: size - few - reads };
}

type Entities = MixedList<new () => object>;

/** What TypeORM needs to know of the database that the environment names: a PostgreSQL server, or the embedded one. */
export function dataSourceOptions(environment: Environment, entities: Entities): DataSourceOptions {
  const { DATABASE_URL: url, DATA_DIR: dataDir } = environment;
  return {
    ...commonOptions(entities),
    ...(url === undefined
      ? { driver: { Pool: EmbeddedPool }, extra: { dataDir } }
      : {
          ...serverOptions(url, LIMITS),
          poolSize: connectionShares(environment).typeorm,
        }),
  };
}

/**
 * A statement is planned once, whatever its parameters. Else PostgreSQL plans one with a short array anew each time, because it
 * takes any other for one of ten elements; that costs several times as much as the look-ups themselves. A distributed
 * database has to see the parameters, to know which node to ask.
 */
const PLAN_ONCE = '-c plan_cache_mode=force_generic_plan';

/** A connection for the statements of requests, beside TypeORM's pool. */
export function statementConnection({ DATABASE_URL: url, DATABASE_SHARED_STATEMENTS }: Environment): ClientConfig {
  return {
    ...(DATABASE_SHARED_STATEMENTS && { options: PLAN_ONCE }),
    ...LIMITS,
    keepAlive: true,
    connectionString: url,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  };
}

/**
 * The same database for migrations, which take their time: as the role that may change the schema, and with a
 * connection to hold the lock beside the one that migrates.
 */
export function migrationOptions(environment: Environment, entities: Entities): DataSourceOptions {
  return patientOptions(environment, entities, environment.MIGRATION_DATABASE_URL ?? environment.DATABASE_URL);
}

/** The same database for commands, which end when they are done, however long that takes. */
export function commandOptions(environment: Environment, entities: Entities): DataSourceOptions {
  return patientOptions(environment, entities, environment.DATABASE_URL);
}

function patientOptions(environment: Environment, entities: Entities, url: string | undefined): DataSourceOptions {
  if (url === undefined) return dataSourceOptions(environment, entities);
  return { ...commonOptions(entities), ...serverOptions(url), poolSize: 2 };
}

function commonOptions(entities: Entities) {
  return {
    type: 'postgres',
    entities,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    synchronize: false,
    logging: false,
    installExtensions: false,
    // Transactions take a lock and look then: they have to see what was committed while they waited for it.
    isolationLevel: 'READ COMMITTED',
    poolErrorHandler: (error: Error) => new Logger('Database').warn(`A connection was lost: ${error.message}`),
  } satisfies DataSourceOptions;
}

function serverOptions(url: string, limits: Record<string, number> = {}) {
  return {
    url,
    applicationName: APPLICATION_NAME,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: { keepAlive: true, onConnect: requirePrimary, ...limits },
  };
}
