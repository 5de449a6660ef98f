import { loadEnvironment } from './config/environment.js';
import { explainFailure } from './config/startup-failure.js';
import { migrateDatabase } from './database/open-database.js';
import { entities } from './entities.js';

/** The command `npm run migration:run`. */
try {
  await migrateDatabase(loadEnvironment(), entities);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
