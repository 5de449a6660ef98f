import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.js';
import { TooManyRequestsError } from './rate-limit.errors.js';
import { type Policy, type Quota, RateLimitService, WINDOW_SECONDS } from './rate-limit.service.js';

/** Limits what one caller may send; it stands behind the guard that knows who calls. */
@Injectable()
export class CallerRateLimitGuard implements CanActivate {
  constructor(private readonly rates: RateLimitService) {}

  canActivate(context: ExecutionContext): Promise<boolean> | true {
    const { user } = context.switchToHttp().getRequest<{ user?: Principal }>();
    return user === undefined || countRequest(this.rates, 'caller', user.userId, context);
  }
}

/**
 * Limits what may be sent that is about one organization, by all who may send it together. It stands behind the guard
 * that knows who they are, so that nobody else uses up what is theirs.
 */
@Injectable()
export class OrganizationRateLimitGuard implements CanActivate {
  constructor(private readonly rates: RateLimitService) {}

  canActivate(context: ExecutionContext): Promise<boolean> | true {
    const { organizationId } = context.switchToHttp().getRequest<FastifyRequest>();
    return organizationId === undefined || countRequest(this.rates, 'organization', organizationId, context);
  }
}

/** @throws TooManyRequestsError */
function countRequest(
  rates: RateLimitService,
  policy: Policy,
  key: string,
  context: ExecutionContext,
): true | Promise<true> {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
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

/** `RateLimit-Policy` and `RateLimit`, each a list with an item for each policy (draft-ietf-httpapi-ratelimit-headers-10). */
function addHeaders(reply: FastifyReply, { policy, limit, remaining, resetSeconds }: Quota): void {
  append(reply, 'RateLimit-Policy', `"${policy}";q=${limit};w=${WINDOW_SECONDS}`);
  append(reply, 'RateLimit', `"${policy}";r=${remaining};t=${resetSeconds}`);
}

function append(reply: FastifyReply, name: string, item: string): void {
  const before = reply.getHeader(name);
  reply.header(name, before === undefined ? item : `${String(before)}, ${item}`);
}
