/** How a document of settings, or a policy, can be changed. */
export type ChangeKind = 'replace' | 'merge' | 'delete-keys' | 'merge-patch' | 'json-patch' | 'restore' | 'delete';

/** How a version of settings was made: by a change, or as what a document was when its history began. */
export const SETTINGS_OPERATIONS = [
  'replace',
  'merge',
  'delete-keys',
  'merge-patch',
  'json-patch',
  'restore',
  'baseline',
] as const satisfies VersionOperation[];

/** The same of a policy, which is not merged, and may be deleted. */
export const POLICY_OPERATIONS = [
  'replace',
  'merge-patch',
  'json-patch',
  'restore',
  'delete',
  'baseline',
] as const satisfies VersionOperation[];

export type VersionOperation = ChangeKind | 'baseline';

/** How a row of the history was made. */
export type Operation =
  | VersionOperation
  | 'create'
  | 'update'
  | 'set-role'
  | 'set-scopes'
  | 'set-rate-limit'
  | 'set-email'
  | 'invite'
  | 'validate'
  | 'move'
  | 'erase';
