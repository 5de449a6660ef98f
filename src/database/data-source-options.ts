import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { DataSource, DataSourceOptions, MixedList } from 'typeorm';
import type { DatabaseAddress } from '../config/database-address.js';
import type { Environment } from '../config/environment.js';
import { EmbeddedPool } from './embedded-pool.js';
import { CreateTables1795219200000 } from './migrations/1795219200000-create-tables.js';
import { KeepChanges1795305600000 } from './migrations/1795305600000-keep-changes.js';
import { AddServiceAccounts1795392000000 } from './migrations/1795392000000-add-service-accounts.js';
import { LoadFunctionsFromFiles1795651200000 } from './migrations/1795651200000-load-functions-from-files.js';
import { KeepProfilesWhole1795694400000 } from './migrations/1795694400000-keep-profiles-whole.js';
import { NameOperators1795698000000 } from './migrations/1795698000000-name-operators.js';
import { AddServiceRateLimits1795741200000 } from './migrations/1795741200000-add-service-rate-limits.js';
import { AddHistoryQuota1795750000000 } from './migrations/1795750000000-add-history-quota.js';
import { KeepOperatorsChanges1795760000000 } from './migrations/1795760000000-keep-operators-changes.js';
import { AddMembers1795770000000 } from './migrations/1795770000000-add-members.js';
import { FindRecentChanges1795780000000 } from './migrations/1795780000000-find-recent-changes.js';
import { AddDocuments1795800000000 } from './migrations/1795800000000-add-documents.js';
import { CountChangesOfUsers1795820000000 } from './migrations/1795820000000-count-changes-of-users.js';
import { FindImpacts1795870000000 } from './migrations/1795870000000-find-impacts.js';
import { CompressWithLz41795900000000 } from './migrations/1795900000000-compress-with-lz4.js';
import { KeepLockedPointers1795910000000 } from './migrations/1795910000000-keep-locked-pointers.js';
import { requirePrimary } from './require-primary.js';
import { startupOptions } from './session-settings.js';
import { clientOfSeveralHosts } from './several-hosts.js';

/** In the order in which they were written. */
const MIGRATIONS = [
  CreateTables1795219200000,
  KeepChanges1795305600000,
  AddServiceAccounts1795392000000,
  LoadFunctionsFromFiles1795651200000,
  KeepProfilesWhole1795694400000,
  NameOperators1795698000000,
  AddServiceRateLimits1795741200000,
  AddHistoryQuota1795750000000,
  KeepOperatorsChanges1795760000000,
  AddMembers1795770000000,
  FindRecentChanges1795780000000,
  AddDocuments1795800000000,
  CountChangesOfUsers1795820000000,
  FindImpacts1795870000000,
  CompressWithLz41795900000000,
  KeepLockedPointers1795910000000,
];

/** How long a caller waits for a connection before it is told that the database is away, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** After how long a statement counts as lost, with its connection: the server may be gone without a word. */
const QUERY_TIMEOUT_MS = 8_000;

/**
 * After how long the server itself ends a statement and takes it back: before it counts as lost, so that none goes on
 * unseen.
 */
export const STATEMENT_TIMEOUT_MS = 7_000;

export const LIMITS = { query_timeout: QUERY_TIMEOUT_MS, statement_timeout: STATEMENT_TIMEOUT_MS };

const APPLICATION_NAME = 'flashback-backend';

/** What makes a connection. */
export interface Connection extends pg.ClientConfig {
  /** The class of its client, in the place of pg's own. */
  readonly Client?: typeof pg.Client;
}

/** How the connections of an instance are divided. */
export interface ConnectionShares {
  /** TypeORM's pool: statements that most requests do not need. */
  readonly typeorm: number;
  readonly reads: number;
  /** Statements that may wait for locks, and those of one caller. */
  readonly changes: number;
  /** What takes long; none where there are so few that it shares TypeORM's. */
  readonly heavy: number;
}

export function connectionShares({
  DATABASE_POOL_SIZE: size,
  DATABASE_SHARED_STATEMENTS,
}: Environment): ConnectionShares {
  const few = size < 8 ? 1 : 2;
  const heavy = size < 8 ? 0 : Math.floor(size / 4);
  const reads = DATABASE_SHARED_STATEMENTS ? few : Math.floor((size - few - heavy) / 2);
  return { typeorm: few, reads, changes: size - few - reads - heavy, heavy };
}

type Entities = MixedList<new () => object>;

/**
 * What TypeORM needs to know of the database that the environment names: a PostgreSQL server, or the embedded one.
 *
 * @param options the startup parameter of each session, as an inspection found that it must be
 */
export function dataSourceOptions(environment: Environment, entities: Entities, options?: string): DataSourceOptions {
  const { databaseAddress: address, DATA_DIR: dataDir } = environment;
  return {
    ...commonOptions(entities),
    ...(address === undefined
      ? { driver: { Pool: EmbeddedPool }, extra: { dataDir } }
      : serverOptions(address, options, connectionShares(environment).typeorm, LIMITS)),
  };
}

/**
 * A statement is planned once, whatever its parameters. Else PostgreSQL plans one with a short array anew each time,
 * because it takes any other for one of ten elements; that costs several times as much as the look-ups themselves. A
 * distributed database has to see the parameters, to know which node to ask.
 *
 * The plan goes by an index where there is one, however small a table is: each change looks for policies, and a scan of
 * the empty table takes twice as long. Where only a scan will do, it counts as so dear that PostgreSQL would compile
 * the plan (`jit`), at each execution.
 */
const PLAN_ONCE = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';

/** Whatever the owner has set for statements of others. */
const NO_TIME_LIMIT = '-c statement_timeout=0';

/**
 * A connection for the statements of requests, beside TypeORM's pool and with the same settings.
 *
 * @param isPlannedOnce false for statements whose plan depends on their parameters
 */
export function statementConnection(
  environment: Environment,
  { options }: DataSource,
  isPlannedOnce = environment.DATABASE_SHARED_STATEMENTS,
): Connection {
  const { options: session } = (options as { extra: { options: string } }).extra;
  return {
    ...connectionTo(environment.databaseAddress!, isPlannedOnce ? `${session} ${PLAN_ONCE}` : session),
    ...LIMITS,
  };
}

/**
 * The same database for migrations, which take their time: as the role that may change the schema, and with a
 * connection to hold the lock beside the one that migrates.
 */
export function migrationOptions(environment: Environment, entities: Entities, options?: string): DataSourceOptions {
  return patientOptions(environment, entities, environment.migrationAddress, options);
}

/** The same database for commands, which end when they are done, however long that takes. */
export function commandOptions(environment: Environment, entities: Entities, options?: string): DataSourceOptions {
  return patientOptions(environment, entities, environment.databaseAddress, options);
}

function patientOptions(
  environment: Environment,
  entities: Entities,
  address: DatabaseAddress | undefined,
  options = startupOptions({}),
): DataSourceOptions {
  if (address === undefined) return dataSourceOptions(environment, entities);
  return { ...commonOptions(entities), ...serverOptions(address, `${options} ${NO_TIME_LIMIT}`, 2) };
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
    // Transactions take a lock and then read: they must see what was committed while they waited for it.
    isolationLevel: 'READ COMMITTED',
    poolErrorHandler: (error: Error) => new Logger('Database').warn(`A connection was lost: ${error.message}`),
  } satisfies DataSourceOptions;
}

function serverOptions(
  address: DatabaseAddress,
  options = startupOptions({}),
  poolSize: number,
  limits: Record<string, number> = {},
) {
  return { poolSize, extra: { ...connectionTo(address, options), onConnect: requirePrimary, ...limits } };
}

/** @param options a startup parameter, which wins over that of the address */
export function connectionTo({ hosts, ...address }: DatabaseAddress, options: string): Connection {
  const config = {
    application_name: APPLICATION_NAME,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...address,
    options: address.options === undefined ? options : `${address.options} ${options}`,
  };
  return hosts === undefined ? config : { ...config, Client: clientOfSeveralHosts(hosts, config) };
}

/** A client beside those of a pool, which does not end the process when its connection is lost. */
export function newClient({ Client = pg.Client, ...config }: Connection): pg.Client {
  const client = new Client(config);
  client.on('error', () => undefined);
  return client;
}
