import type { Organization } from './organization.entity.js';

/** A field of an organization's profile. */
export interface ProfileField {
  readonly property: keyof Organization;
  readonly column: string;
  /** As the API calls it. */
  readonly name: string;
  /** Whether `PUT /organization/{orgId}` may change it. */
  readonly isWritable: boolean;
}

/** The fields of a profile, and nothing else that an organization has. */
export const PROFILE_FIELDS = [
  { property: 'id', column: 'id', name: 'id', isWritable: false },
  { property: 'name', column: 'name', name: 'name', isWritable: true },
  { property: 'domain', column: 'domain', name: 'domain', isWritable: false },
  { property: 'address1', column: 'address1', name: 'address1', isWritable: true },
  { property: 'address2', column: 'address2', name: 'address2', isWritable: true },
  { property: 'city', column: 'city', name: 'city', isWritable: true },
  { property: 'zipcode', column: 'zipcode', name: 'zipcode', isWritable: true },
  { property: 'phone', column: 'phone', name: 'phone', isWritable: true },
  { property: 'state', column: 'state', name: 'state', isWritable: true },
  { property: 'country', column: 'country', name: 'country', isWritable: true },
  { property: 'deletedAt', column: 'deleted_at', name: 'deletedAt', isWritable: false },
  { property: 'reposDisabled', column: 'repos_disabled', name: 'reposDisabled', isWritable: false },
  { property: 'website', column: 'website', name: 'website', isWritable: false },
  { property: 'isBusiness', column: 'is_business', name: 'is_business', isWritable: true },
  { property: 'mfaEnforced', column: 'mfa_enforced', name: 'mfaEnforced', isWritable: true },
] as const satisfies readonly ProfileField[];
