import { DataSource } from 'typeorm';
import { loadEnvironment } from './config/environment.js';
import { explainFailure } from './config/startup-failure.js';
import { entities } from './entities.js';
import { migrationOptions } from './database/data-source-options.js';
import { migrate, migrateAlone } from './database/schema.js';

/** The command `npm run migration:run`. */
try {
  const environment = loadEnvironment();
  const dataSource = await new DataSource(migrationOptions(environment, entities)).initialize();
  await (environment.usesEmbeddedDatabase ? migrateAlone(dataSource) : migrate(dataSource));
  await dataSource.destroy();
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
