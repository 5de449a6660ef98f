import { Logger } from '@nestjs/common';
import { createApp } from './configure-app.js';
import { loadEnvironment } from './config/environment.js';
import { explainFailure } from './config/startup-failure.js';
import { presentDemo } from './demo/present-demo.js';

/** How long running requests may take to finish once the process is told to stop, in milliseconds. */
const GRACE_MS = 5_000;

try {
  const environment = loadEnvironment();
  const app = await createApp(environment);
  app.enableShutdownHooks([], { useProcessExit: true });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => setTimeout(() => app.getHttpServer().closeAllConnections(), GRACE_MS).unref());
  }
  await app.listen(environment.PORT, environment.HOST);
  if (environment.usesEmbeddedDatabase) await presentDemo(app, environment);
  else new Logger('Service').log(`Listening on ${await app.getUrl()}, Swagger UI under /docs`);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
