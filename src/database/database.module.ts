import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type MixedList } from 'typeorm';
import type { Environment } from '../config/environment.js';
import { dataSourceOptions } from './data-source-options.js';
import { FolderInUseError } from './folder-lock.js';
import { migrate, migrateAlone, requireCurrentSchema, SchemaOutdatedError } from './schema.js';
import { StatementRunner } from './statement-runner.js';

type Entities = MixedList<new () => object>;

/** Opens the database and makes sure that its schema is the one that this version needs. */
@Global()
@Module({ providers: [StatementRunner], exports: [StatementRunner] })
export class DatabaseModule {
  static register(environment: Environment, entities: Entities): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...dataSourceOptions(environment, entities),
            toRetry: (error: unknown) => !(error instanceof SchemaOutdatedError || error instanceof FolderInUseError),
          }),
          dataSourceFactory: () => open(environment, entities),
        }),
      ],
    };
  }
}

async function open(environment: Environment, entities: Entities): Promise<DataSource> {
  const dataSource = await new DataSource(dataSourceOptions(environment, entities)).initialize();
  try {
    if (environment.usesEmbeddedDatabase) await migrateAlone(dataSource);
    else if (environment.MIGRATE_ON_START) await migrateOver(environment, entities, dataSource);
    await requireCurrentSchema(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** Migrates as the role that may change the schema, where the environment names one. */
async function migrateOver(environment: Environment, entities: Entities, dataSource: DataSource): Promise<void> {
  if (environment.MIGRATION_DATABASE_URL === undefined) return migrate(dataSource);
  const privileged = dataSourceOptions(environment, entities, environment.MIGRATION_DATABASE_URL);
  const migrating = await new DataSource(privileged).initialize();
  try {
    await migrate(migrating);
  } finally {
    await migrating.destroy();
  }
}
