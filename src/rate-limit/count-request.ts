import type { FastifyReply } from 'fastify';
import { TooManyRequestsError } from './rate-limit.errors.js';
import { type Policy, type Quota, type RateLimitService, WINDOW_SECONDS } from './rate-limit.service.js';

/**
 * Counts one request and says on the reply what is left.
 *
 * @returns a promise where Redis counts
 * @throws TooManyRequestsError, also as the promise's rejection
 */
export function countRequest(
  rates: RateLimitService,
  policy: Policy,
  key: string,
  reply: FastifyReply,
): true | Promise<true> {
  const quota = rates.count(policy, key);
  return quota instanceof Promise ? quota.then((counted) => pass(reply, counted)) : pass(reply, quota);
}

function pass(reply: FastifyReply, quota: Quota | undefined): true {
  if (quota !== undefined) {
    addHeaders(reply, quota);
    if (quota.isExceeded) throw new TooManyRequestsError(quota);
  }
  return true;
}

/**
 * `RateLimit-Policy` and `RateLimit`, each a list with an item for each policy
 * (draft-ietf-httpapi-ratelimit-headers-10).
 */
function addHeaders(reply: FastifyReply, { policy, limit, remaining, resetSeconds }: Quota): void {
  append(reply, 'RateLimit-Policy', `"${policy}";q=${limit};w=${WINDOW_SECONDS}`);
  append(reply, 'RateLimit', `"${policy}";r=${remaining};t=${resetSeconds}`);
}

function append(reply: FastifyReply, name: string, item: string): void {
  const before = reply.getHeader(name);
  reply.header(name, before === undefined ? item : `${String(before)}, ${item}`);
}
