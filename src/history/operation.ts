/** How a settings document can be changed. */
export const CHANGE_KINDS = ['replace', 'merge', 'delete-keys', 'merge-patch', 'json-patch', 'restore'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** How a version was made: by a change, or as what a document was when its history began. */
export const VERSION_OPERATIONS = [...CHANGE_KINDS, 'baseline'] as const;
export type VersionOperation = (typeof VERSION_OPERATIONS)[number];

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
  | 'delete'
  | 'erase';
