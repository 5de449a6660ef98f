import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions, type MixedList } from 'typeorm';
import { isDatabaseAway, messageOf } from '../common/errors/database-failure.js';
import type { Environment } from '../config/environment.js';
import { commandOptions, dataSourceOptions, migrationOptions } from './data-source-options.js';
import { UnreachableDatabaseError, UnsuitableDatabaseError } from './database.errors.js';
import { inspectDatabase } from './inspect-database.js';
import { warnOfPowerfulRole } from './powerful-role.js';
import { requireRights } from './require-rights.js';
import { requireSession } from './require-session.js';
import { ResilientDataSource } from './resilient-data-source.js';
import { migrate, migrateAlone, requireCurrentSchema, SchemaOutdatedError } from './schema.js';

type Entities = MixedList<new () => object>;

/** How often a start asks for a database that is away, and how long it waits in between, in milliseconds. */
const ATTEMPTS = 20;
const PAUSE_MS = 1_500;

/**
 * Opens the database, if it is one that this version can work with.
 *
 * @param isCommand false: a service, whose start waits for a database that is away, about half a minute, and which
 *   gives up statements that take too long
 * @throws what the last attempt threw
 */
export async function openDatabase(
  environment: Environment,
  entities: Entities,
  isCommand: boolean,
): Promise<DataSource> {
  for (let left = isCommand ? 1 : ATTEMPTS; ; left--) {
    try {
      return await (environment.usesEmbeddedDatabase
        ? openEmbedded(environment, entities)
        : openOnServer(environment, entities, isCommand));
    } catch (error) {
      const cause = error instanceof UnreachableDatabaseError ? error.cause : error;
      if (left <= 1 || !isDatabaseAway(cause)) throw error;
      new Logger('Database').warn(`Waiting for the database: ${messageOf(cause)}`);
      await sleep(PAUSE_MS);
    }
  }
}

/** Brings the schema of the database up to date, as the role that may change it. */
export async function migrateDatabase(environment: Environment, entities: Entities): Promise<void> {
  const address = environment.migrationAddress;
  if (address === undefined) {
    const dataSource = await opened(dataSourceOptions(environment, entities), migrateAlone);
    await dataSource.destroy();
    return;
  }
  const variable = environment.MIGRATION_DATABASE_URL === undefined ? 'DATABASE_URL' : 'MIGRATION_DATABASE_URL';
  const { schema, options } = await inspectDatabase(variable, address);
  if (schema === undefined) {
    throw new UnsuitableDatabaseError('its search_path leads to no schema in which tables can be made');
  }
  const dataSource = await opened(migrationOptions(environment, entities, options), migrate);
  await dataSource.destroy();
}

function openEmbedded(environment: Environment, entities: Entities): Promise<DataSource> {
  return opened(dataSourceOptions(environment, entities), async (dataSource) => {
    await migrateAlone(dataSource);
    await requireCurrentSchema(dataSource);
  });
}

async function openOnServer(environment: Environment, entities: Entities, isCommand: boolean): Promise<DataSource> {
  const inspect = () => inspectDatabase('DATABASE_URL', environment.databaseAddress!);
  let inspection = await inspect();
  if (environment.MIGRATE_ON_START) {
    await migrateDatabase(environment, entities);
    inspection = await inspect();
  }
  const { schema, hasTables, options } = inspection;
  if (schema === undefined || !hasTables) throw new SchemaOutdatedError();
  const optionsOf = isCommand ? commandOptions : dataSourceOptions;
  return opened(optionsOf(environment, entities, options), async (dataSource) => {
    await requireSession(dataSource, schema);
    await requireCurrentSchema(dataSource);
    await requireRights(dataSource, schema);
    if (!isCommand) await warnOfPowerfulRole(dataSource);
  });
}

/** @param work is done before anybody else uses the data source, which is closed if it fails */
async function opened(
  options: DataSourceOptions,
  work: (dataSource: DataSource) => Promise<void>,
): Promise<DataSource> {
  const dataSource = await new ResilientDataSource(options).initialize();
  try {
    await work(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
