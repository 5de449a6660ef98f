import type { Role } from '@flashback/client/lossless';
import { user } from '../session/session.js';

/** All roles, the least first. */
export const ROLES: readonly Role[] = [0, 1, 2, 254, 255];

const WORKSPACES = 2;
const ADMINISTRATOR = 254;

/** The roles that the one who is signed in may give and take. */
export function rolesToGive(): readonly Role[] {
  const own = user.value?.orgRole ?? 0;
  if (own < WORKSPACES) return [];
  // A WORKSPACES manages who is below; an administrator also their like.
  return ROLES.filter((role) => (own >= ADMINISTRATOR ? role <= own : role < own));
}

export function managesPeople(): boolean {
  return (user.value?.orgRole ?? 0) >= WORKSPACES;
}
