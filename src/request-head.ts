import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticatedRequest, Principal } from './auth/principal.js';
import type { TokenVerifier } from './auth/token-verifier.js';
import { MalformedRequestError, RouteNotFoundError } from './common/errors/common.errors.js';
import type { BodyBudget } from './common/http/body-budget.js';
import { mediaTypeOf, mediaTypesOf } from './common/http/body-parser.js';
import { CallerAddresses } from './common/http/caller-address.js';
import { endConnectionAfter } from './common/http/connection-end.js';
import { bringsContent, framingProblemOf } from './common/http/request-framing.js';
import type { Environment } from './config/environment.js';
import { countRequest } from './rate-limit/count-request.js';
import type { RateLimitService } from './rate-limit/rate-limit.service.js';

/**
 * Checks what holds for every request, including one that CORS answers: it must keep the rules of HTTP (400), and an
 * OPTIONS, which brings no token, is counted by its address (429).
 */
export function checkFraming(
  fastify: FastifyInstance,
  { rates, environment }: Pick<Parts, 'rates' | 'environment'>,
): void {
  const addresses = new CallerAddresses(environment.TRUSTED_PROXIES);
  const orByOrigin = environment.allowedOrigins.length > 0 ? ', Origin' : '';

  fastify.addHook('onRequest', (request, reply, done) => {
    const { openTo, variesBy = 'Authorization' } = request.routeOptions.config;
    if (isGuarded(request, openTo))
      reply.header('cache-control', 'private, no-cache').header('vary', variesBy + orByOrigin);
    const problem = framingProblemOf(request.raw);
    const isOptions = request.method === 'OPTIONS';
    if ((problem !== undefined || isOptions) && bringsContent(request.headers)) endConnectionAfter(reply);
    if (problem !== undefined) done(new MalformedRequestError(problem));
    else if (isOptions) countOptions(request, reply).then(() => done(), done);
    else done();
  });

  async function countOptions(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await countRequest(rates, 'address', addresses.keyOf(request.raw), reply);
  }
}

/** Whether there is such a route, and it asks for a token. */
function isGuarded(request: FastifyRequest, openTo: FastifyContextConfig['openTo']): boolean {
  return openTo === undefined && !request.is404;
}

/** RFC 2046 §4.5.1. */
const UNKNOWN_CONTENT_TYPE = 'application/octet-stream';

interface Parts {
  readonly tokens: TokenVerifier;
  readonly rates: RateLimitService;
  readonly budget: BodyBudget;
  readonly environment: Environment;
}

/**
 * Decides by the head of a request, before any of its body is read, whether it goes on.
 *
 * 1. Its caller has a valid token (401), except on public routes. A caller without one is counted by address (429).
 * 2. There is such a route (404).
 * 3. There is memory for its body (503).
 *
 * A request that is refused here and brings a body is the last one of its connection.
 */
export function authenticateByHead(fastify: FastifyInstance, { tokens, rates, budget, environment }: Parts): void {
  const addresses = new CallerAddresses(environment.TRUSTED_PROXIES);

  fastify.addHook('onRequest', (request, reply, done) => {
    const refuse = (error: Error) => {
      if (bringsContent(request.headers)) endConnectionAfter(reply);
      done(error);
    };
    let checked: void | Promise<void>;
    try {
      checked = check(request, reply);
    } catch (error) {
      refuse(error as Error);
      return;
    }
    if (checked === undefined) done();
    else checked.then(() => done(), refuse);
  });

  function check(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    const { openTo } = request.routeOptions.config;
    if (openTo === 'probes') return undefined;
    const admit = (principal: Principal) => {
      if (request.is404) throw new RouteNotFoundError();
      if (isGuarded(request, openTo)) admitCaller(request, reply, principal);
    };
    const turnAway = async (refusal: unknown) => {
      if (request.method !== 'OPTIONS') await countRequest(rates, 'address', addresses.keyOf(request.raw), reply);
      if (request.is404) throw new RouteNotFoundError();
      if (isGuarded(request, openTo)) throw refusal;
    };
    let principal: Principal | Promise<Principal>;
    try {
      principal = tokens.verify(request);
    } catch (refusal) {
      return turnAway(refusal);
    }
    return principal instanceof Promise ? principal.then(admit, turnAway) : admit(principal);
  }

  function admitCaller(request: FastifyRequest, { raw: reply }: FastifyReply, principal: Principal): void {
    const { headers } = request;
    (request as AuthenticatedRequest).user = principal;
    const mediaType = mediaTypeOf(request);
    if (mediaType !== undefined && !mediaTypesOf(request).includes(mediaType)) {
      // Without content there is no media type to judge (RFC 9110 §8.3); Fastify would. Whether a chunked body has any
      // is not known yet.
      headers['content-type'] = bringsContent(headers) ? UNKNOWN_CONTENT_TYPE : undefined;
    }
    if (!bringsContent(headers)) return;
    const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
    if (length !== undefined && length > environment.REQUEST_MAX_BYTES) return;
    const reservation = budget.reserve(principal.userId, length);
    request.reservation = reservation;
    reply.once('close', () => budget.release(reservation));
    if (/^100-continue$/i.test(headers.expect ?? '')) reply.writeContinue();
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The request headers by which the replies of a guarded route differ; absent: `Authorization`. */
    variesBy?: string;
  }
}
