import { Logger } from '@nestjs/common';
import type { DataSourceOptions, MixedList } from 'typeorm';
import type { Environment } from '../config/environment.js';
import { EmbeddedPool } from './embedded-pool.js';
import { CreateTables1795219200000 } from './migrations/1795219200000-create-tables.js';

/** In the order in which they were written. */
const MIGRATIONS = [CreateTables1795219200000];

/** How long a caller waits for a connection before it is told that the database is away, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * What TypeORM needs to know of the database that the environment names: a PostgreSQL server, or the embedded one.
 *
 * @param url the address, where it is not `DATABASE_URL`
 */
export function dataSourceOptions(
  environment: Environment,
  entities: MixedList<new () => object>,
  url = environment.DATABASE_URL,
): DataSourceOptions {
  return {
    type: 'postgres',
    entities,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    synchronize: false,
    logging: false,
    installExtensions: false,
    poolErrorHandler: (error: Error) => new Logger('Database').warn(`A connection was lost: ${error.message}`),
    ...(url === undefined
      ? { driver: { Pool: EmbeddedPool }, extra: { dataDir: environment.DATA_DIR } }
      : {
          url,
          applicationName: 'flashback-backend',
          connectTimeoutMS: CONNECT_TIMEOUT_MS,
          poolSize: environment.DATABASE_POOL_SIZE,
          extra: { keepAlive: true },
        }),
  };
}
