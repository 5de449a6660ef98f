import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseTraceparent } from '../common/http/trace-context.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { RunningRequests } from './running-requests.js';
import type { Tracing } from './tracing.js';

/** The route that is logged for a request that no route matches. */
const UNKNOWN_ROUTE = 'unknown';

/** The status of a request whose caller went away before the end of the reply; no reply has it. */
const CALLER_GONE = 499;

interface Observers {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly running: RunningRequests;
  readonly tracing: Tracing | undefined;
}

/**
 * Logs, counts and traces every request that Fastify takes, at the end of its reply.
 *
 * A line has the route's pattern, never the address: that may hold ids of others, and a query. Ids of the caller and of
 * their organization are there as far as the guards found them out.
 */
export function observeRequests(fastify: FastifyInstance, { log, metrics, running, tracing }: Observers): void {
  const isLogged = log.isLevelEnabled('info');
  const lines = log.child({ context: 'Request' });
  fastify.addHook('onRequest', (request, reply, done) => {
    const began = performance.now();
    const { method } = request;
    const route = request.is404 ? UNKNOWN_ROUTE : (request.routeOptions.url ?? UNKNOWN_ROUTE);
    request.trace = parseTraceparent(request.headers.traceparent);
    const span = tracing?.begin(request, method, route);
    const slot = running.add(reply);
    reply.raw.on('close', () => {
      running.remove(slot);
      const { waitedMs = 0 } = request;
      const ms = performance.now() - began - waitedMs;
      const status = statusOf(reply);
      metrics.countRequest(method, route, status, ms / 1000);
      span?.end(status);
      if (!isLogged) return;
      const times = { ms: rounded(ms), ...(waitedMs > 0 && { waited_ms: rounded(waitedMs) }) };
      lines.info({ method, route, status, ...times, ...identityOf(request) });
    });
    done();
  });
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function statusOf({ raw }: FastifyReply): number {
  return raw.writableFinished ? raw.statusCode : CALLER_GONE;
}

function identityOf(request: FastifyRequest & { user?: { userId: string } }) {
  return {
    request_id: request.id,
    user_id: request.user?.userId,
    organization_id: request.organizationId,
    trace_id: request.trace?.traceId,
    span_id: request.trace?.spanId,
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** For how long the request waited for something to happen, which is no part of its duration, in milliseconds. */
    waitedMs?: number;
  }
}
