/**
 * What a service account may be allowed to do with organizations, their users' settings, and the system. To write does
 * not include to read.
 */
export const SERVICE_SCOPES = [
  'settings:read',
  'settings:write',
  'organization:read',
  'organization:write',
  'members:read',
  'members:write',
  'system:read',
  'system:write',
  'user-settings:read',
] as const;

export type ServiceScope = (typeof SERVICE_SCOPES)[number];
