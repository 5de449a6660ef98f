/** What a member may do, as the platform numbers it. */
export enum Role {
  USER = 0,
  BILLING = 1,
  WORKSPACES = 2,
  ADMINISTRATOR = 254,
  OWNER = 255,
}

export type RoleName = keyof typeof Role;

export const ROLE_NAMES = Object.keys(Role).filter((key): key is RoleName => Number.isNaN(Number(key)));

export function isRoleName(name: string): name is RoleName {
  return (ROLE_NAMES as string[]).includes(name);
}

export const ROLES: readonly Role[] = ROLE_NAMES.map((name) => Role[name]);

/** The roles that see an organization's members, and change those that the table in docs/members.md allows them to. */
export const MANAGING_ROLES: readonly Role[] = [Role.WORKSPACES, Role.ADMINISTRATOR, Role.OWNER];

/** Who may change an organization's profile and settings. */
export const WRITING_ROLES: readonly Role[] = [Role.ADMINISTRATOR, Role.OWNER];
