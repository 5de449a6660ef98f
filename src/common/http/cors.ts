import cors from '@fastify/cors';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RouteNotFoundError } from '../errors/common.errors.js';
import { RefusedOrigins } from './refused-origins.js';

/**
 * The response headers that scripts may read, beside those that they always may (Fetch standard, "CORS-safelisted").
 */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'X-Error-Code',
  'ETag',
  'Link',
  'WWW-Authenticate',
  'Accept',
  'Accept-Patch',
  'Current-Version-By',
  'Current-Version-At',
  'Retry-After',
  'Preference-Applied',
  'Settings-Violations',
  'Settings-Warning',
  'RateLimit',
  'RateLimit-Policy',
];

/** How long a browser may keep the reply to a preflight, in seconds; Chromium keeps none for longer. */
const MAX_AGE_SECONDS = 7_200;

/**
 * Lets scripts of these origins read the replies (Fetch standard, "CORS protocol"), and says in the log who may not.
 */
export function allowOrigins(fastify: FastifyInstance, origins: readonly (string | RegExp)[]): void {
  const logger = new Logger('Cors');
  const refused = new RefusedOrigins((origin) =>
    logger.warn(`Browsers keep our replies from pages of ${origin}: CORS_ORIGINS does not name it`),
  );
  fastify.addHook('onRequest', (request, _, done) => {
    const { origin, host } = request.headers;
    if (origin !== undefined && !isOneOf(origins, origin) && !isOf(origin, host)) refused.note(origin);
    // An OPTIONS that asks for nobody's permission is for no route.
    done(request.method === 'OPTIONS' && !isPreflight(request) ? new RouteNotFoundError() : undefined);
  });
  if (origins.length === 0) return;
  void fastify.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: MAX_AGE_SECONDS,
  });
}

function isOneOf(origins: readonly (string | RegExp)[], origin: string): boolean {
  return origins.some((allowed) => (typeof allowed === 'string' ? allowed === origin : allowed.test(origin)));
}

/** Whether a page was loaded from where it now sends a request. */
function isOf(origin: string, host: string | undefined): boolean {
  return origin.slice(origin.indexOf('://') + 3) === host;
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
