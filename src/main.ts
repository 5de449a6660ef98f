import './heap-options.js';
import { Logger } from '@nestjs/common';
import { createApp } from './configure-app.js';
import { loadEnvironment } from './config/environment.js';
import { explainFailure } from './config/startup-failure.js';
import { presentDemo } from './demo/present-demo.js';

/** How long running requests may take to finish once no new ones are taken, in milliseconds. */
const GRACE_MS = 5_000;

/** How long the rest may take after that, in milliseconds. */
const LAST_MS = 1_000;

try {
  const environment = loadEnvironment();
  const app = await createApp(environment);
  app.enableShutdownHooks([], { useProcessExit: true });
  const cutOff = () => {
    app.getHttpServer().closeAllConnections();
    setTimeout(() => process.exit(0), LAST_MS).unref();
  };
  process.once('SIGTERM', () => setTimeout(cutOff, environment.SHUTDOWN_DELAY_MS + GRACE_MS).unref());
  process.once('SIGINT', () => setTimeout(cutOff, GRACE_MS).unref());
  await app.listen(environment.PORT, environment.HOST);
  if (environment.usesEmbeddedDatabase) await presentDemo(app, environment);
  else new Logger('Service').log(`Listening on ${await app.getUrl()}, Swagger UI under /docs`);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
