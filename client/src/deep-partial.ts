/**
 * Any part of `T`, at every depth of its objects. Arrays are whole, because a partial update replaces them, and so is
 * what has a JSON form of its own (`toJSON`).
 */
export type DeepPartial<T> = T extends readonly unknown[] | { toJSON(): unknown }
  ? T
  : T extends object
    ? { [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;

/** A JSON Merge Patch (RFC 7396) for `T`: any part of it, where `null` deletes. */
export type MergePatch<T> = T extends readonly unknown[] | { toJSON(): unknown }
  ? T
  : T extends object
    ? { [Key in keyof T]?: MergePatch<T[Key]> | null }
    : T;
