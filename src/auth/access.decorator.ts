import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Role } from './role.js';
import type { AppError } from '../common/errors/app-error.js';
import type { ServiceScope } from './service-scope.js';

/** Who may call a route. */
export interface RouteAccess {
  /**
   * `public`: everyone, without a token. `user`: any user, on what is theirs. `member`: any member of the organization.
   * `service`: service accounts of all organizations, and nobody else. Else members in one of these roles.
   */
  readonly roles: 'public' | 'user' | 'member' | 'service' | readonly Role[];
  /** Which organization: the one that the path names; absent, the caller's own. */
  readonly organization?: 'in-path';
  /** The scope with which service accounts may call the route, too. A route that names none is closed to them. */
  readonly scope?: ServiceScope;
  /** The scope that they need besides, where the request is a dry run. */
  readonly dryRunScope?: ServiceScope;
  /** The scope that they need besides, where the request names a user. */
  readonly userScope?: ServiceScope;
  /** The error for callers who may not, where it differs from that of most routes. */
  readonly refusal?: (reason: RefusalReason) => AppError;
}

/** Why a caller may not: a user without an organization, a member without the role, a program without the scope. */
export type RefusalReason = 'no-organization' | 'role' | ServiceScope;

export const ACCESS = 'access';

/** Declares who may call a route; the guards read it. A route that declares nothing is open to nobody. */
export const Access = (access: RouteAccess) => SetMetadata<string, RouteAccess>(ACCESS, access);

/**
 * Opens a route to callers without a token.
 *
 * @param isProbe whether machines call the route at short intervals; their requests are not counted
 */
export const Public = ({ isProbe = false } = {}) =>
  applyDecorators(Access({ roles: 'public' }), RouteConfig({ openTo: isProbe ? 'probes' : 'all' }));

/** The line of a route's description that says who may call it. */
export function roleLineOf({ roles, scope, userScope }: RouteAccess): string {
  if (roles === 'service') return `**Role:** a service account of all organizations with the scope \`${scope}\`.`;
  const users = {
    public: 'none, no token',
    user: 'none; they belong to the caller',
    member: 'any member',
  };
  const who = typeof roles === 'string' ? users[roles] : roles.map((role) => Role[role]).join(' or ');
  return `**Role:** ${who}${scope === undefined ? '' : `, or a service account with the scope \`${scope}\``}${userScope === undefined ? '' : `; with \`user\` it needs \`${userScope}\`, too`}.`;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route without a token: absent, nobody; the requests of probes are not counted. */
    openTo?: 'all' | 'probes';
  }
}
