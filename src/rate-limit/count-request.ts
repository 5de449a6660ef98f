import type { FastifyReply } from 'fastify';
import { TooManyRequestsError } from './rate-limit.errors.js';
import type { ServiceLimits } from '../service-account/service-limits.js';
import { type QuotaPolicy, type Quota, type RateLimitService, WINDOW_SECONDS } from './rate-limit.service.js';

/**
 * Counts a request, or one that counts as several, and says on the reply how many are left.
 *
 * @param limits of those who have one of their own; a refusal by one that may be another now comes after a fresh look
 * @returns a promise where Redis counts, or somebody is looked up
 * @throws TooManyRequestsError, also as the promise's rejection
 */
export function countRequest(
  rates: RateLimitService,
  policy: QuotaPolicy,
  key: string,
  reply: FastifyReply,
  limits?: ServiceLimits,
  requests = 1,
): true | Promise<true> {
  const quota = rates.count(policy, key, limits?.recall(key), requests);
  const decide = (counted: Quota | undefined): true | Promise<true> =>
    counted?.isExceeded && limits?.isFresh(key) === false
      ? lookUp(limits, key).then((limit) => pass(reply, rates.quotaOf(counted, limit)))
      : pass(reply, counted);
  return quota instanceof Promise ? quota.then(decide) : decide(quota);
}

/** Falls back to the limit that is known where the database does not answer. */
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
  put(reply, 'RateLimit-Policy', policy, `"${policy}";q=${limit};w=${WINDOW_SECONDS}`);
  put(reply, 'RateLimit', policy, `"${policy}";r=${remaining};t=${resetSeconds}`);
}

/** Adds the item of a policy, or puts it in the place of the one that was counted before. */
function put(reply: FastifyReply, name: string, policy: QuotaPolicy, item: string): void {
  const before = reply.getHeader(name) as string | undefined;
  if (before === undefined) reply.header(name, item);
  else if (!before.includes(`"${policy}"`)) reply.header(name, `${before}, ${item}`);
  else {
    const others = before.split(', ').filter((other) => !other.startsWith(`"${policy}"`));
    reply.header(name, [...others, item].join(', '));
  }
}
