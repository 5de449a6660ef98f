import { ChangeContext } from '../history/change-context.js';

/** The two kinds of settings. */
export type Scope = 'organization' | 'user';

/** Whose document, and on behalf of whom. */
export interface Owner {
  readonly scope: Scope;
  readonly id: string;
  /** The owner's id and, for an organization, that of the user who asks. */
  readonly ids: readonly string[];
}

export function organizationOwner(organizationId: string, userId: string): Owner {
  return { scope: 'organization', id: organizationId, ids: [organizationId, userId] };
}

export function userOwner(userId: string): Owner {
  return { scope: 'user', id: userId, ids: [userId] };
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
