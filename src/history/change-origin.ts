/** Where a change comes from, beside who made it. */
export interface ChangeOrigin {
  /** The request that made it. */
  readonly requestId: string;
  /** Why, in its author's words: one line of at most 500 characters. */
  readonly reason: string | null;
}
