import { DataSource } from 'typeorm';
import { loadEnvironment } from './src/config/environment.js';
import { explainFailure } from './src/config/startup-failure.js';
import { migrationOptions } from './src/database/data-source-options.js';
import { entities } from './src/entities.js';

/** For the TypeORM command line: the database that the environment names, as the role that may change its schema. */
export default new DataSource(migrationOptions(environment(), entities));

/** TypeORM would print the stack of what is wrong with a variable. */
function environment() {
  try {
    return loadEnvironment();
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`);
    process.exit(1);
  }
}
