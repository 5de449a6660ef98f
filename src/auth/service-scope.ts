/** What a service account may be allowed to do with organizations. To write does not include to read. */
export const SERVICE_SCOPES = [
  'settings:read',
  'settings:write',
  'organization:read',
  'organization:write',
  'members:read',
  'members:write',
] as const;

export type ServiceScope = (typeof SERVICE_SCOPES)[number];
