import { DataSource } from 'typeorm';
import { loadEnvironment } from './src/config/environment.js';
import { migrationOptions } from './src/database/data-source-options.js';
import { entities } from './src/entities.js';

/** For the TypeORM command line: the database that the environment names, as the role that may change its schema. */
export default new DataSource(migrationOptions(loadEnvironment(), entities));
