import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { MEMBER_TARGET, type MemberTarget } from './member.access.js';
import { MemberService } from './member.service.js';

/**
 * Makes sure that a request that is refused for its query or body is first checked for what its caller may not do to
 * the member whom the path names. It comes after `RolesGuard`, and lets every request pass: the statement decides.
 */
@Injectable()
export class MemberTargetGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly members: MemberService,
  ) {}

  canActivate(context: ExecutionContext): true {
    const target = this.reflector.get<MemberTarget | undefined>(MEMBER_TARGET, context.getHandler());
    if (target === undefined) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { userId: string } }>>();
    const { checkAccess } = request;
    request.checkAccess = async () => {
      await checkAccess?.();
      await this.members.requireTarget(request.caller, request.params.userId, target);
    };
    return true;
  }
}
