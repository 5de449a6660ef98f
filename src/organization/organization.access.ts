import type { RouteAccess } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';

/** Who may read the profile of an organization, and its versions. */
export const READERS: RouteAccess = { roles: 'member', organization: 'in-path', scope: 'organization:read' };

/** Who may change it. */
export const WRITERS: RouteAccess = { roles: WRITING_ROLES, organization: 'in-path', scope: 'organization:write' };
