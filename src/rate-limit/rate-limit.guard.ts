import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.js';
import { ServiceLimits } from '../service-account/service-limits.js';
import { countRequest } from './count-request.js';
import { RateLimitService } from './rate-limit.service.js';

/** Limits what one caller may send; it runs after the guard that finds out who calls. */
@Injectable()
export class CallerRateLimitGuard implements CanActivate {
  constructor(
    private readonly rates: RateLimitService,
    private readonly limits: ServiceLimits,
  ) {}

  canActivate(context: ExecutionContext): Promise<boolean> | true {
    const { user } = context.switchToHttp().getRequest<{ user?: Principal }>();
    return user === undefined || countRequest(this.rates, 'caller', user.userId, replyOf(context), this.limits);
  }
}

/**
 * Limits the requests about one organization, for all its callers together. It runs after the guard that checks their
 * access, so that nobody else uses up their quota.
 */
@Injectable()
export class OrganizationRateLimitGuard implements CanActivate {
  constructor(private readonly rates: RateLimitService) {}

  canActivate(context: ExecutionContext): Promise<boolean> | true {
    const { organizationId } = context.switchToHttp().getRequest<FastifyRequest>();
    return organizationId === undefined || countRequest(this.rates, 'organization', organizationId, replyOf(context));
  }
}

function replyOf(context: ExecutionContext): FastifyReply {
  return context.switchToHttp().getResponse<FastifyReply>();
}
