import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { MixedList } from 'typeorm';
import type { Environment } from '../config/environment.js';
import { dataSourceOptions } from './data-source-options.js';
import { DatabaseCheck } from './database-check.js';
import { openDatabase } from './open-database.js';
import { OverloadGuard } from './overload.guard.js';
import { PoolStatistics } from './pool-statistics.js';
import { StatementRunner } from './statement-runner.js';

/** Opens the database and hands out what asks it. */
@Global()
@Module({
  providers: [StatementRunner, PoolStatistics, OverloadGuard, DatabaseCheck],
  exports: [StatementRunner, PoolStatistics, OverloadGuard, DatabaseCheck],
})
export class DatabaseModule {
  /** @param isCommand false: a service, whose start waits for a database that is away */
  static register(environment: Environment, entities: MixedList<new () => object>, isCommand: boolean): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ ...dataSourceOptions(environment, entities), toRetry: () => false }),
          dataSourceFactory: () => openDatabase(environment, entities, isCommand),
        }),
      ],
    };
  }
}
