/** The settings documents. */
export type SettingsDocument = 'organization' | 'user';

/** An organization, on behalf of a member or a service account. */
export interface OrganizationOwner {
  readonly document: 'organization';
  readonly id: string;
  readonly callerType: 'member' | 'service';
  readonly callerId: string;
}

/** A user, on their own behalf. */
export interface UserOwner {
  readonly document: 'user';
  readonly id: string;
}

/** Whose settings, and on whose behalf. */
export type SettingsOwner = OrganizationOwner | UserOwner;
