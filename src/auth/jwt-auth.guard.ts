import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ACCESS, type RouteAccess } from './access.decorator.js';
import { UnauthorizedError } from './auth.errors.js';
import { bearerTokenOf } from './bearer-token.js';
import type { AuthenticatedRequest } from './principal.js';
import { TokenMemory } from './token-memory.js';

/**
 * Lets nobody in without a valid token, but for the routes that are declared public. Passport verifies each token once; one
 * that comes again is known.
 */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenMemory,
  ) {
    super();
  }

  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.reflector.get<RouteAccess | undefined>(ACCESS, context.getHandler());
    if (access?.roles === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = bearerTokenOf(request);
    const principal = token === null ? undefined : this.tokens.recall(token);
    if (principal === undefined) return this.verify(context);
    request.user = principal;
    return true;
  }

  private async verify(context: ExecutionContext): Promise<boolean> {
    try {
      return (await super.canActivate(context)) as boolean;
    } catch (error) {
      // On claims that are no object jsonwebtoken throws a TypeError of its own.
      throw error instanceof UnauthorizedError ? error : UnauthorizedError.invalidToken('the token is not valid');
    }
  }

  override handleRequest<User>(
    error: Error | null,
    user: User | false,
    info: unknown,
    context: ExecutionContext,
  ): User {
    if (user) return user;
    if (error instanceof UnauthorizedError) throw error;
    const { authorization } = context.switchToHttp().getRequest<AuthenticatedRequest>().headers;
    if (authorization === undefined || !/^Bearer\s/i.test(authorization)) throw UnauthorizedError.missingToken();
    throw UnauthorizedError.invalidToken(reasonOf(info));
  }
}

/** By the name that jsonwebtoken gives its errors; their messages stay with us. */
function reasonOf(info: unknown) {
  switch (info instanceof Error ? info.name : undefined) {
    case 'TokenExpiredError':
      return 'the token has expired';
    case 'NotBeforeError':
      return 'the token is not valid yet';
    default:
      return 'the token is not valid';
  }
}
