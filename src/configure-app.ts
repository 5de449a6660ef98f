import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { TokenVerifier } from './auth/token-verifier.js';
import { BodyBudget, REQUEST_TIMEOUT_MS } from './common/http/body-budget.js';
import { takeJsonBodiesAsBytes } from './common/http/body-parser.js';
import { answerClientError, refuseTunnel } from './common/http/client-error.js';
import { allowOrigins } from './common/http/cors.js';
import { answerInTurn } from './common/http/pipelining.js';
import { REQUEST_ID_HEADER, requestIdOf } from './common/http/request-id.js';
import { routableUrl } from './common/http/routable-url.js';
import type { Environment } from './config/environment.js';
import { serveConsole } from './console/serve-console.js';
import { StatementRunner } from './database/statement-runner.js';
import { createLog, type Log, type LogOutput } from './observability/log.js';
import { Metrics } from './observability/metrics.js';
import { observeRequests } from './observability/request-observer.js';
import { RunningRequests } from './observability/running-requests.js';
import { ServiceLogger } from './observability/service-logger.js';
import { cutOffStalledReplies } from './observability/stalled-replies.js';
import { startTracing } from './observability/start-tracing.js';
import type { Tracing } from './observability/tracing.js';
import { serveDocument } from './openapi/serve-document.js';
import { RateLimitService } from './rate-limit/rate-limit.service.js';
import { checkFraming, authenticateByHead } from './request-head.js';

/** As long as a header may be, so that even the longest id in a path reaches its route, which answers 404. */
const MAX_PARAM_LENGTH = 16 * 1024;

/** What the console's build leaves: as far away from the bundle as from this module. */
const CONSOLE_FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** How often requests are checked for taking too long to arrive, in milliseconds. */
const TIMEOUT_CHECK_MS = 1_000;

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
    http: {
      // Node would answer a request without a Host header itself, in no envelope.
      requireHostHeader: false,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
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
  const { server } = fastify;
  const budget = new BodyBudget(environment.REQUEST_MAX_BYTES);
  answerInTurn(fastify);
  const running = app.get(RunningRequests);
  observeRequests(fastify, { log, metrics: app.get(Metrics), running, tracing });
  cutOffStalledReplies(fastify, running);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
  // In this order: a request that breaks the rules of HTTP is nobody's preflight.
  const rates = app.get(RateLimitService);
  checkFraming(fastify, { rates, environment });
  allowOrigins(fastify, environment.allowedOrigins);
  authenticateByHead(fastify, { tokens: app.get(TokenVerifier), rates, budget, environment });
  takeJsonBodiesAsBytes(fastify, budget);
  tracing?.attach(fastify, app.get(DataSource), app.get(StatementRunner));
  // A caller that waits for a `100 Continue` gets it when the head is accepted. An unknown expectation is no reason to
  // refuse a request (RFC 9110 §10.1.1 lets a server choose).
  for (const event of ['checkContinue', 'checkExpectation']) {
    server.on(event, (request, response) => server.emit('request', request, response));
  }
  server.on('connect', refuseTunnel);
  serveDocument(app);
  serveConsole(app, environment, CONSOLE_FOLDER);
}
