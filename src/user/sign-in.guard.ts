import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.js';
import { SignInService } from './sign-in.service.js';

/** Replaces the subject of the token by the user to whom it belongs, for the log and everything after this guard. */
@Injectable()
export class SignInGuard implements CanActivate {
  constructor(private readonly signIns: SignInService) {}

  /** @throws UnauthorizedError */
  canActivate(context: ExecutionContext): true | Promise<true> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: Principal }>();
    // Public routes have none.
    if (request.user === undefined) return true;
    const known = this.signIns.recall(request.user.userId);
    if (known === undefined) return this.signIn(request, request.user);
    request.user = known;
    return true;
  }

  private async signIn(request: FastifyRequest & { user?: Principal }, principal: Principal): Promise<true> {
    request.user = await this.signIns.find(principal, request.id, request.since);
    return true;
  }
}
