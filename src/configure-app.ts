import type { IncomingMessage } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { takeJsonBodiesAsBytes } from './common/http/body-parser.js';
import { answerClientError } from './common/http/client-error.js';
import { REQUEST_ID_HEADER, requestIdOf } from './common/http/request-id.js';
import { routableUrl } from './common/http/routable-url.js';
import type { Environment } from './config/environment.js';
import { StatementRunner } from './database/statement-runner.js';
import { createLog, type Log, type LogOutput } from './observability/log.js';
import { Metrics } from './observability/metrics.js';
import { observeRequests } from './observability/request-observer.js';
import { RunningRequests } from './observability/running-requests.js';
import { ServiceLogger } from './observability/service-logger.js';
import { startTracing } from './observability/start-tracing.js';
import type { Tracing } from './observability/tracing.js';
import { serveDocument } from './openapi/document.js';

/** As long as a header may be, so that no id in a path is too long for its route to say that there is no such thing. */
const MAX_PARAM_LENGTH = 16 * 1024;

/** How long a request may take to arrive, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The application as it runs, short of listening: the same for the service and for its tests.
 *
 * @param logOutput takes the lines of the log in place of standard output
 */
export async function createApp(environment: Environment, logOutput?: LogOutput): Promise<NestFastifyApplication> {
  const log = createLog(environment, logOutput);
  const adapter = new FastifyAdapter({
    bodyLimit: environment.REQUEST_MAX_BYTES,
    genReqId: requestIdOf,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node would answer a request without a Host header itself, in no envelope.
    http: { requireHostHeader: false },
    rewriteUrl: (request: IncomingMessage) => routableUrl(request.url),
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    skipMiddie: true,
    // A request that still comes on an open connection is answered; the one after it comes on another.
    return503OnClosing: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(environment), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new ServiceLogger(log),
  });
  configureApp(app, environment, log, await startTracing(environment));
  return app;
}

function configureApp(
  app: NestFastifyApplication,
  environment: Environment,
  log: Log,
  tracing: Tracing | undefined,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  observeRequests(fastify, { log, metrics: app.get(Metrics), running: app.get(RunningRequests), tracing });
  tracing?.attach(fastify, app.get(DataSource), app.get(StatementRunner));
  takeJsonBodiesAsBytes(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
  // An expectation that we do not know is no reason to refuse a request (RFC 9110 §10.1.1 lets a server choose).
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  if (environment.CORS_ORIGINS.length > 0) {
    app.enableCors({
      origin: environment.CORS_ORIGINS,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: [
        REQUEST_ID_HEADER,
        'www-authenticate',
        'etag',
        'accept-patch',
        'retry-after',
        'ratelimit',
        'ratelimit-policy',
      ],
    });
  }
  serveDocument(app);
}
