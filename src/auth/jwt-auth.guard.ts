import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS, type RouteAccess } from './access.decorator.js';
import { UnauthorizedError } from './auth.errors.js';
import type { Principal } from './principal.js';

/**
 * Lets only callers with a verified token in, except on routes that are declared public. Tokens are verified at the
 * head of the request (`request-head.ts`); this guard runs after that, so that no route depends on that alone. It is
 * the first guard: what a request waits for comes after it.
 */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  /** @throws UnauthorizedError */
  canActivate(context: ExecutionContext): true {
    const access = this.reflector.get<RouteAccess | undefined>(ACCESS, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: Principal }>();
    request.since = performance.now();
    if (access?.roles !== 'public' && request.user === undefined) throw UnauthorizedError.missingToken();
    return true;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request had arrived whole, on the clock of `performance.now()`; since then it waits for its turns. */
    since: number;
  }
}
