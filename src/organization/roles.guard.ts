import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type Access } from '../auth/access.decorator.js';
import type { AuthenticatedRequest } from '../auth/principal.js';
import type { Role } from '../auth/role.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { UserRepository } from '../user/user.repository.js';
import { MembershipService } from './membership.service.js';
import { InsufficientRoleError, NotAMemberError } from './organization.errors.js';

/**
 * Lets a request pass that its route's access allows.
 *
 * 1. A route that declares no access is open to nobody.
 * 2. A remembered membership may let a request pass, because the statement behind it checks again; a refusal comes
 *    only from a fresh look into the database.
 * 3. A user on their own data passes here: the statement itself finds out whether there is such a user.
 * 4. Who may not do a thing hears that, whatever they sent: the request carries a check of its own, for the case that
 *    its body is refused before it reaches a statement.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly memberships: MembershipService,
    private readonly users: UserRepository,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.reflector.get<Access | undefined>(ACCESS, context.getHandler());
    if (access === undefined) {
      throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no access`);
    }
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { user, params } = request;
    if (access === 'user') {
      request.checkAccess = () => this.checkUser(user.userId);
      return true;
    }
    request.checkAccess = () => this.checkMember(request, access);
    const hint = this.memberships.recall(user.userId);
    const isAllowed =
      hint !== undefined &&
      (access === 'member' || access.includes(hint.role)) &&
      (params.orgId === undefined || params.orgId === hint.organizationId);
    if (isAllowed) request.organizationId = hint.organizationId;
    return isAllowed || request.checkAccess().then(() => true);
  }

  private async checkUser(userId: string): Promise<void> {
    if (!(await this.users.isActive(userId))) throw new UserNotFoundError();
  }

  private async checkMember(request: AuthenticatedRequest, access: 'member' | readonly Role[]): Promise<void> {
    const { userId } = request.user;
    const { orgId } = request.params;
    if (orgId === undefined) {
      const { organizationId, role } = await this.memberships.find(userId);
      request.organizationId = organizationId;
      if (access !== 'member' && !access.includes(role)) throw new InsufficientRoleError('organization settings');
      return;
    }
    const role = await this.memberships.findRole(orgId, userId);
    // As the database writes it, because requests are counted by it.
    request.organizationId = orgId.toLowerCase();
    if (access === 'member') {
      if (role === null) throw new NotAMemberError();
    } else if (role === null || !access.includes(role)) {
      throw new InsufficientRoleError('organization');
    }
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The organization that the request is about, once it is known to exist. */
    organizationId?: string;
  }
}
