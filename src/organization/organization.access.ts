import type { RouteAccess } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';
import { MfaPermissionError, NoOrganizationForMfaError } from './mfa.errors.js';

/** Who may read the profile of an organization, and its versions. */
export const READERS: RouteAccess = { roles: 'member', organization: 'in-path', scope: 'organization:read' };

/** Who may change it. */
export const WRITERS: RouteAccess = { roles: WRITING_ROLES, organization: 'in-path', scope: 'organization:write' };

/** Who may change the flag for multi-factor authentication of their own. */
export const MFA_ENFORCERS: RouteAccess = {
  roles: WRITING_ROLES,
  scope: 'organization:write',
  refusal: (reason) => (reason === 'no-organization' ? new NoOrganizationForMfaError() : new MfaPermissionError()),
};
