/** The columns to change and their new values; an absent one stays as it is, null clears. */
export type ProfileColumns = Readonly<Record<string, string | boolean | null>>;

/** A request to change a profile. */
export type ProfileChange =
  | { readonly kind: 'update'; readonly columns: ProfileColumns }
  | { readonly kind: 'restore'; readonly version: string };

/** How a version was made: by a change, with the organization, or as the first of a history that began later. */
export const PROFILE_OPERATIONS = ['create', 'update', 'restore', 'baseline'] as const satisfies (
  ProfileChange['kind'] | 'create' | 'baseline'
)[];
export type ProfileOperation = (typeof PROFILE_OPERATIONS)[number];
