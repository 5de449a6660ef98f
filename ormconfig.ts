import { DataSource } from 'typeorm';
import { loadEnvironment } from './src/config/environment.js';
import { dataSourceOptions } from './src/database/data-source-options.js';
import { entities } from './src/entities.js';

const environment = loadEnvironment();

/** For the TypeORM command line: the database that the environment names, as the role that may change its schema. */
export default new DataSource(
  dataSourceOptions(environment, entities, environment.MIGRATION_DATABASE_URL ?? environment.DATABASE_URL),
);
