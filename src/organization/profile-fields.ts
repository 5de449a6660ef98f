/** A field of an organization's profile. */
export interface ProfileField {
  readonly column: string;
  /** As the API calls it. */
  readonly name: string;
  /** Whether `PUT /organization/{orgId}` may change it. */
  readonly isWritable: boolean;
}

/** The fields of a profile, and nothing else that an organization has. */
export const PROFILE_FIELDS = [
  { column: 'id', name: 'id', isWritable: false },
  { column: 'name', name: 'name', isWritable: true },
  { column: 'domain', name: 'domain', isWritable: false },
  { column: 'address1', name: 'address1', isWritable: true },
  { column: 'address2', name: 'address2', isWritable: true },
  { column: 'city', name: 'city', isWritable: true },
  { column: 'zipcode', name: 'zipcode', isWritable: true },
  { column: 'phone', name: 'phone', isWritable: true },
  { column: 'state', name: 'state', isWritable: true },
  { column: 'country', name: 'country', isWritable: true },
  { column: 'deleted_at', name: 'deletedAt', isWritable: false },
  { column: 'repos_disabled', name: 'reposDisabled', isWritable: false },
  { column: 'website', name: 'website', isWritable: false },
  { column: 'is_business', name: 'is_business', isWritable: true },
  { column: 'mfa_enforced', name: 'mfaEnforced', isWritable: true },
] as const satisfies readonly ProfileField[];

/**
 * A profile as the API shows it: its fields, and nothing else, in the documented order.
 *
 * @param profile what the database makes of the row, as JSON text
 */
export function shownProfile(profile: string): string {
  const fields = JSON.parse(profile) as Record<string, unknown>;
  return JSON.stringify(Object.fromEntries(PROFILE_FIELDS.map(({ name }) => [name, fields[name]])));
}
