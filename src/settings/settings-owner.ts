import type { Waiting } from '../database/parties.js';
import type { WatchedDocument } from '../history/change-feed.js';

/** The documents: settings, and policies for settings. */
export type SettingsDocument = Exclude<WatchedDocument, 'organization-profile'>;

/**
 * An organization, on behalf of a member or a service account; or the system (`SYSTEM_ID`), on behalf of a service
 * account or an operator.
 */
export interface OrganizationOwner extends Waiting {
  readonly type: 'organization';
  readonly id: string;
  readonly callerType: 'member' | 'service' | 'operator';
  /** Of an operator: their name, if they gave one. */
  readonly callerId: string | null;
}

/** A user, on their own behalf. */
export interface UserOwner extends Waiting {
  readonly type: 'user';
  readonly id: string;
}

/** Whose document, and on whose behalf, since when. */
export type SettingsOwner = OrganizationOwner | UserOwner;

/** Somebody at the command line, who changes documents of the system. */
export interface OperatorCaller extends Waiting {
  readonly kind: 'operator';
  readonly name: string | null;
}
