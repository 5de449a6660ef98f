import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type RouteAccess } from './access.decorator.js';
import { UnauthorizedError } from './auth.errors.js';
import type { Principal } from './principal.js';

/**
 * Lets only callers with a verified token in, except on routes that are declared public. Tokens are verified at the
 * head of the request (`request-head.ts`); this guard runs after that, so that no route depends on that alone.
 */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  /** @throws UnauthorizedError */
  canActivate(context: ExecutionContext): true {
    const access = this.reflector.get<RouteAccess | undefined>(ACCESS, context.getHandler());
    const { user } = context.switchToHttp().getRequest<{ user?: Principal }>();
    if (access?.roles !== 'public' && user === undefined) throw UnauthorizedError.missingToken();
    return true;
  }
}
