import { applyDecorators, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Role } from './role.js';

/** Who may call a route: everyone, a user on what is theirs, members of an organization, or those in these roles. */
export type Access = 'public' | 'user' | 'member' | readonly Role[];

export const ACCESS = 'access';

/**
 * No token is asked for.
 *
 * @param isProbe whether machines ask at short intervals, whose requests nobody counts
 */
export const Public = ({ isProbe = false } = {}) =>
  applyDecorators(SetMetadata<string, Access>(ACCESS, 'public'), RouteConfig({ openTo: isProbe ? 'probes' : 'all' }));

/** Whoever the token speaks for, on their own data. */
export const AnyUser = () => SetMetadata<string, Access>(ACCESS, 'user');

/**
 * Any member of the organization, the one in the path's `orgId`, else the caller's own; and service accounts with the scope
 * to read.
 */
export const AnyMember = () => SetMetadata<string, Access>(ACCESS, 'member');

/** Members in one of these roles of the organization, as above; and service accounts with the scope to write. */
export const Roles = (...roles: Role[]) => SetMetadata<string, Access>(ACCESS, roles);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route without a token: absent, nobody; the requests of probes are not counted. */
    openTo?: 'all' | 'probes';
  }
}
