import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, type RouteAccess } from '../auth/access.decorator.js';
import type { AuthenticatedRequest } from '../auth/principal.js';
import type { Role } from '../auth/role.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { UserNotFoundError } from '../user/user.errors.js';
import { UserRepository } from '../user/user.repository.js';
import type { Caller, ServiceCaller } from './caller.js';
import { MembershipService } from './membership.service.js';
import { InsufficientRoleError, NotAMemberError, NotAssociatedError } from './organization.errors.js';
import { ServiceAccessService } from './service-access.service.js';

type Scopes = ServiceCaller['scopes'];

/**
 * Lets a request pass if the access that its route declares allows it.
 *
 * 1. A route that declares no access is open to nobody.
 * 2. A remembered membership may let a request pass, because the statement behind it checks again; a refusal comes
 *    only from a fresh look into the database.
 * 3. A user on their own data passes here: the statement itself finds out whether there is such a user.
 * 4. A caller that is no user may be a service account, where the route names a scope.
 * 5. A caller without the right is told so, whatever they sent: the request carries a check of its own, for the case
 *    that its body is refused before it reaches a statement.
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
    const access = this.reflector.get<RouteAccess | undefined>(ACCESS, context.getHandler());
    if (access === undefined) {
      throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no access`);
    }
    if (access.roles === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const { since } = request;
    const { userId } = request.user;
    if (access.roles === 'user') {
      request.caller = { kind: 'user', userId, since };
      request.checkAccess = () => this.checkUser(userId, access, since);
      return true;
    }
    if (access.roles === 'service') {
      const scopes = scopesOf(request, access)!;
      request.checkAccess = async () => {
        request.caller = await this.services.admitToAll(userId, scopes, since);
      };
      return request.checkAccess().then(() => true);
    }
    request.checkAccess = () => this.checkMember(request, access);
    return this.isRemembered(request, access) || request.checkAccess().then(() => true);
  }

  private isRemembered(request: AuthenticatedRequest, access: RouteAccess): boolean {
    const { since } = request;
    const { userId } = request.user;
    const hint = this.memberships.recall(userId);
    if (hint === undefined) {
      const scopes = scopesOf(request, access);
      const caller = scopes && this.services.recall(userId, organizationIdOf(request, access), scopes, since);
      if (caller !== undefined) accept(request, caller);
      return caller !== undefined;
    }
    const isAllowed =
      allows(access, hint.role) && (access.organization !== 'in-path' || request.params.orgId === hint.organizationId);
    if (isAllowed) accept(request, { kind: 'user', userId, organizationId: hint.organizationId, since });
    return isAllowed;
  }

  private async checkUser(userId: string, { scope }: RouteAccess, since: number): Promise<void> {
    const { status } = await this.users.find(userId, since);
    if (status === 'active') return;
    if (status === 'no-such-user' && scope !== undefined && (await this.services.isActive(userId, since))) return;
    throw new UserNotFoundError();
  }

  private async checkMember(request: AuthenticatedRequest, access: RouteAccess): Promise<void> {
    const { since } = request;
    const { userId } = request.user;
    if (access.organization !== 'in-path') {
      const found = await this.memberships.lookUp(userId, since);
      if (found.status === 'no-such-user') return this.checkService(request, access);
      if (found.status === 'no-member') throw access.refusal?.('no-organization') ?? new NotAssociatedError();
      accept(request, { kind: 'user', userId, organizationId: found.organizationId, since });
      if (!allows(access, found.role))
        throw access.refusal?.('role') ?? new InsufficientRoleError('organization settings');
      return;
    }
    const { orgId = '' } = request.params;
    const found = await this.memberships.findRole(orgId, userId, since);
    // As the database writes it, because requests are counted by it.
    accept(request, { kind: 'user', userId, organizationId: orgId.toLowerCase(), since });
    if (found.status === 'service' && (await this.memberships.lookUp(userId, since)).status === 'no-such-user') {
      return this.checkService(request, access);
    }
    if (found.status === 'member' && allows(access, found.role)) return;
    throw access.roles === 'member' ? new NotAMemberError() : new InsufficientRoleError('organization');
  }

  /** A service account on a route without a scope gets the same error as any stranger. */
  private async checkService(request: AuthenticatedRequest, access: RouteAccess): Promise<void> {
    const scopes = scopesOf(request, access);
    if (scopes === undefined) throw new NotAssociatedError();
    const { since, user } = request;
    const organizationId = organizationIdOf(request, access);
    accept(request, await this.services.admit(user.userId, organizationId, scopes, since, access.refusal));
  }
}

function allows({ roles }: RouteAccess, role: Role): boolean {
  return typeof roles === 'string' || roles.includes(role);
}

function accept(request: AuthenticatedRequest, caller: Caller): void {
  request.caller = caller;
  request.organizationId = caller.organizationId;
}

const HEADER = ORGANIZATION_HEADER.toLowerCase();

/** The organization that a service account names, as the database writes it; `undefined` when it names none. */
function organizationIdOf(
  { params, headers }: AuthenticatedRequest,
  { organization }: RouteAccess,
): string | undefined {
  const id = organization === 'in-path' ? params.orgId : headers[HEADER]?.toString();
  return id ? id.toLowerCase() : undefined;
}

/**
 * The scopes that a service account needs for the request; `undefined` where the route is closed to service accounts.
 */
function scopesOf({ query }: AuthenticatedRequest, access: RouteAccess): Scopes | undefined {
  const { scope, dryRunScope, userScope } = access;
  if (scope === undefined) return undefined;
  const { dryRun, user } = query as { dryRun?: unknown; user?: unknown };
  return [
    scope,
    ...(dryRun === 'true' && dryRunScope !== undefined ? [dryRunScope] : []),
    ...(user !== undefined && userScope !== undefined ? [userScope] : []),
  ];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The organization that the request is about. */
    organizationId?: string | undefined;
  }
}
