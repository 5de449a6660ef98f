import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Global, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type MixedList } from 'typeorm';
import { isDatabaseAway, messageOf } from '../common/errors/database-failure.js';
import type { Environment } from '../config/environment.js';
import { commandOptions, dataSourceOptions, migrationOptions } from './data-source-options.js';
import { DatabaseCheck } from './database-check.js';
import { OverloadGuard } from './overload.guard.js';
import { PoolStatistics } from './pool-statistics.js';
import { ResilientDataSource } from './resilient-data-source.js';
import { warnOfPowerfulRole } from './powerful-role.js';
import { migrate, migrateAlone, requireCurrentSchema } from './schema.js';
import { StatementRunner } from './statement-runner.js';

type Entities = MixedList<new () => object>;

/** How often a start asks for a database that is away, and how long it waits in between, in milliseconds. */
const ATTEMPTS = 20;
const PAUSE_MS = 1_500;

/** Opens the database and makes sure that its schema is the one that this version needs. */
@Global()
@Module({
  providers: [StatementRunner, PoolStatistics, OverloadGuard, DatabaseCheck],
  exports: [StatementRunner, PoolStatistics, OverloadGuard, DatabaseCheck],
})
export class DatabaseModule {
  /**
   * @param isCommand false: a service, whose start waits for a database that is away, about half a minute, and which gives
   *   up statements that take too long
   */
  static register(environment: Environment, entities: Entities, isCommand: boolean): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...dataSourceOptions(environment, entities), toRetry: () => false }),
          dataSourceFactory: () => open(environment, entities, isCommand),
        }),
      ],
    };
  }
}

/** @throws what the last attempt threw */
async function open(environment: Environment, entities: Entities, isCommand: boolean): Promise<DataSource> {
  for (let left = isCommand ? 1 : ATTEMPTS; ; left--) {
    try {
      return await attempt(environment, entities, isCommand);
    } catch (error) {
      if (left <= 1 || !isDatabaseAway(error)) throw error;
      new Logger('Database').warn(`Waiting for the database: ${messageOf(error)}`);
      await sleep(PAUSE_MS);
    }
  }
}

async function attempt(environment: Environment, entities: Entities, isCommand: boolean): Promise<DataSource> {
  const options = isCommand ? commandOptions(environment, entities) : dataSourceOptions(environment, entities);
  const dataSource = await new ResilientDataSource(options).initialize();
  try {
    if (environment.usesEmbeddedDatabase) await migrateAlone(dataSource);
    else if (environment.MIGRATE_ON_START) await migrateOnServer(environment, entities);
    await requireCurrentSchema(dataSource);
    if (!isCommand && !environment.usesEmbeddedDatabase) await warnOfPowerfulRole(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function migrateOnServer(environment: Environment, entities: Entities): Promise<void> {
  const migrating = await new DataSource(migrationOptions(environment, entities)).initialize();
  try {
    await migrate(migrating);
  } finally {
    await migrating.destroy();
  }
}
