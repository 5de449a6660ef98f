import { ChangeContext } from '../history/change-context.js';

/** The two kinds of settings. */
export type Scope = 'organization' | 'user';

/** Who asks for a document: a member or a service account for that of an organization, a user for their own. */
export type Asker = 'member' | 'service' | 'user';

/** Whose document, and on behalf of whom. */
export interface Owner {
  readonly scope: Scope;
  readonly asker: Asker;
  readonly id: string;
  /** The owner's id and, for an organization, that of the user or the service account. */
  readonly ids: readonly string[];
}

/** On behalf of a member. */
export function organizationOwner(organizationId: string, userId: string): Owner {
  return { scope: 'organization', asker: 'member', id: organizationId, ids: [organizationId, userId] };
}

/** An organization, on behalf of a service account. */
export function serviceOwner(organizationId: string, serviceId: string): Owner {
  return { scope: 'organization', asker: 'service', id: organizationId, ids: [organizationId, serviceId] };
}

export function userOwner(userId: string): Owner {
  return { scope: 'user', asker: 'user', id: userId, ids: [userId] };
}

/** Where the documents of each scope and their changes lie. */
export const OWNERS = {
  organization: {
    table: 'organization_settings',
    key: 'organization_id',
    changes: 'organization_changes',
    settingsAt: 'organization_settings_at',
    context: ChangeContext.ORGANIZATION_SETTINGS,
  },
  user: {
    table: 'user_settings',
    key: 'user_id',
    changes: 'user_changes',
    settingsAt: 'user_settings_at',
    context: ChangeContext.USER_SETTINGS,
  },
} as const satisfies Record<Scope, object>;
