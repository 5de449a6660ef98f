import { createApp } from './configure-app.js';
import { loadEnvironment } from './config/environment.js';
import { explainFailure } from './config/startup-failure.js';
import { presentDemo } from './demo/present-demo.js';

try {
  const environment = loadEnvironment();
  const app = await createApp(environment);
  app.enableShutdownHooks([], { useProcessExit: true });
  await app.listen(environment.PORT, environment.HOST);
  if (environment.usesEmbeddedDatabase) await presentDemo(app, environment);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
