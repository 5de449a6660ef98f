import type { FastifyReply } from 'fastify';
import { TooManyRequestsError } from './rate-limit.errors.js';
import type { ServiceLimits } from '../service-account/service-limits.js';
import { type Policy, type Quota, type RateLimitService, WINDOW_SECONDS } from './rate-limit.service.js';

/**
 * Counts one request and says on the reply what is left.
 *
 * @param limits of those who have one of their own; a refusal by one that may be another now comes after a fresh look
 * @returns a promise where Redis counts, or somebody is looked up
 * @throws TooManyRequestsError, also as the promise's rejection
 */
export function countRequest(
  rates: RateLimitService,
  policy: Policy,
  key: string,
  reply: FastifyReply,
  limits?: ServiceLimits,
): true | Promise<true> {
  const quota = rates.count(policy, key, limits?.recall(key));
  const judge = (counted: Quota | undefined): true | Promise<true> =>
    counted?.isExceeded && limits?.isFresh(key) === false
      ? lookUp(limits, key).then((limit) => pass(reply, rates.judge(counted, limit)))
      : pass(reply, counted);
  return quota instanceof Promise ? quota.then(judge) : judge(quota);
}

/** What is known has to do where the database does not answer. */
function lookUp(limits: ServiceLimits, key: string): Promise<number | undefined> {
  return limits.lookUp(key).catch(() => limits.recall(key));
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
