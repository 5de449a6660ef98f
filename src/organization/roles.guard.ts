import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type Access } from '../auth/access.decorator.js';
import type { AuthenticatedRequest } from '../auth/principal.js';
import type { Role } from '../auth/role.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { UserRepository } from '../user/user.repository.js';
import type { NeededScopes, ServiceCaller } from './caller.js';
import { MembershipService } from './membership.service.js';
import { InsufficientRoleError, NotAMemberError, NotAssociatedError } from './organization.errors.js';
import { ServiceAccessService } from './service-access.service.js';

type MemberAccess = 'member' | readonly Role[];

/**
 * Lets a request pass that its route's access allows.
 *
 * 1. A route that declares no access is open to nobody.
 * 2. A remembered membership may let a request pass, because the statement behind it checks again; a refusal comes
 *    only from a fresh look into the database.
 * 3. A user on their own data passes here: the statement itself finds out whether there is such a user.
 * 4. A caller that is no user may be a service account. What members may do it may with a scope to read, what some of
 *    them may with one to write.
 * 5. Who may not do a thing hears that, whatever they sent: the request carries a check of its own, for the case that
 *    its body is refused before it reaches a statement.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly memberships: MembershipService,
    private readonly services: ServiceAccessService,
    private readonly users: UserRepository,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = this.reflector.get<Access | undefined>(ACCESS, context.getHandler());
    if (access === undefined) {
      throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no access`);
    }
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (access === 'user') {
      request.checkAccess = () => this.checkUser(request.user.userId);
      return true;
    }
    request.checkAccess = () => this.checkMember(request, access);
    return this.isRemembered(request, access) || request.checkAccess().then(() => true);
  }

  private isRemembered(request: AuthenticatedRequest, access: MemberAccess): boolean {
    const { user, params } = request;
    const hint = this.memberships.recall(user.userId);
    if (hint === undefined) {
      const caller = this.services.recall(user.userId, organizationIdOf(request), scopesOf(request, access));
      if (caller !== undefined) accept(request, caller);
      return caller !== undefined;
    }
    const isAllowed =
      (access === 'member' || access.includes(hint.role)) &&
      (params.orgId === undefined || params.orgId === hint.organizationId);
    if (isAllowed) request.organizationId = hint.organizationId;
    return isAllowed;
  }

  private async checkUser(userId: string): Promise<void> {
    if ((await this.users.find(userId)).status !== 'active') throw new UserNotFoundError();
  }

  private async checkMember(request: AuthenticatedRequest, access: MemberAccess): Promise<void> {
    const { userId } = request.user;
    const { orgId } = request.params;
    if (orgId === undefined) {
      const found = await this.memberships.lookUp(userId);
      if (found.status === 'no-such-user') return this.checkService(request, access);
      if (found.status === 'no-member') throw new NotAssociatedError();
      request.organizationId = found.organizationId;
      if (access !== 'member' && !access.includes(found.role)) throw new InsufficientRoleError('organization settings');
      return;
    }
    const found = await this.memberships.findRole(orgId, userId);
    // As the database writes it, because requests are counted by it.
    request.organizationId = orgId.toLowerCase();
    if (found.status === 'service' && (await this.memberships.lookUp(userId)).status === 'no-such-user') {
      return this.checkService(request, access);
    }
    if (access === 'member') {
      if (found.status !== 'member') throw new NotAMemberError();
    } else if (found.status !== 'member' || !access.includes(found.role)) {
      throw new InsufficientRoleError('organization');
    }
  }

  private async checkService(request: AuthenticatedRequest, access: MemberAccess): Promise<void> {
    const { userId } = request.user;
    accept(request, await this.services.admit(userId, organizationIdOf(request), scopesOf(request, access)));
  }
}

function accept(request: AuthenticatedRequest, caller: ServiceCaller): void {
  request.serviceCaller = caller;
  request.organizationId = caller.organizationId;
}

const HEADER = ORGANIZATION_HEADER.toLowerCase();

/** The organization that a service account names, as the database writes it; `undefined` when it names none. */
function organizationIdOf({ params, headers }: AuthenticatedRequest): string | undefined {
  const id = params.orgId ?? headers[HEADER]?.toString();
  return id ? id.toLowerCase() : undefined;
}

const PROFILE_SCOPES = {
  read: ['organization:read'],
  write: ['organization:write'],
} satisfies Record<string, NeededScopes>;
const SETTINGS_SCOPES = {
  read: ['settings:read'],
  write: ['settings:write'],
  // Its reply shows the document.
  dryRun: ['settings:write', 'settings:read'],
} satisfies Record<string, NeededScopes>;

function scopesOf({ params, query }: AuthenticatedRequest, access: MemberAccess): NeededScopes {
  if (params.orgId !== undefined) return access === 'member' ? PROFILE_SCOPES.read : PROFILE_SCOPES.write;
  if (access === 'member') return SETTINGS_SCOPES.read;
  return (query as { dryRun?: unknown }).dryRun === 'true' ? SETTINGS_SCOPES.dryRun : SETTINGS_SCOPES.write;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The organization that the request is about. */
    organizationId?: string;
  }
}
