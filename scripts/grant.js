// Gives the role "service" what docs/grants.sql lists, as the role that may change the schema. Needs no psql.
import { readFileSync } from 'node:fs';
import { explainFailure } from '../dist/src/config/startup-failure.js';

try {
  const { default: dataSource } = await import('../dist/ormconfig.js');
  await dataSource.initialize();
  await dataSource.query(readFileSync('docs/grants.sql', 'utf8')).finally(() => dataSource.destroy());
  process.stdout.write('Granted what docs/grants.sql lists\n');
} catch (error) {
  const isRefused = error.name === 'QueryFailedError';
  process.stderr.write(`${isRefused ? `docs/grants.sql: ${error.message}` : explainFailure(error)}\n`);
  process.exitCode = 1;
}
