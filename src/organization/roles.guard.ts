import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type Access, ALL_ROLES } from '../auth/access.decorator.js';
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
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly memberships: MembershipService,
    private readonly users: UserRepository,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.accessOf(context);
    if (access === 'public' || access === 'user') return true;
    const { user, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const hint = this.memberships.recall(user.userId);
    const isAllowed =
      hint !== undefined &&
      access.includes(hint.role) &&
      (params.orgId === undefined || params.orgId === hint.organizationId);
    return isAllowed || this.checkAfresh(context).then(() => true);
  }

  /** Checks the caller's access against the database as it is now, and throws what the route's documents say. */
  async checkAfresh(context: ExecutionContext): Promise<void> {
    const access = this.accessOf(context);
    const { user, params } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (access === 'user') {
      if (!(await this.users.isActive(user.userId))) throw new UserNotFoundError();
    } else if (access !== 'public') {
      await this.checkRole(user.userId, params.orgId, access);
    }
  }

  private async checkRole(userId: string, orgId: string | undefined, roles: readonly Role[]): Promise<void> {
    if (orgId === undefined) {
      const { role } = await this.memberships.find(userId);
      if (!roles.includes(role)) throw new InsufficientRoleError('organization settings');
      return;
    }
    const role = await this.memberships.findRole(orgId, userId);
    if (role === null && roles === ALL_ROLES) throw new NotAMemberError();
    if (role === null || !roles.includes(role)) throw new InsufficientRoleError('organization');
  }

  private accessOf(context: ExecutionContext): Access {
    const access = this.reflector.get<Access | undefined>(ACCESS, context.getHandler());
    if (access === undefined) {
      throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no access`);
    }
    return access;
  }
}
