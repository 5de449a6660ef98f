/** RFC 6902 §4. */
export const PATCH_OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;
export type PatchOperation = (typeof PATCH_OPERATIONS)[number];
