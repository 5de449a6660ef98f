/** Where a change comes from, beside who made it. */
export interface ChangeOrigin {
  /** The request that made it; `null` where none did. */
  readonly requestId: string | null;
  /** Why, in its author's words: one line of at most 500 characters. */
  readonly reason: string | null;
}

/** The same of a change from the command line, which no user or service account makes. */
export interface OperatorOrigin {
  /** The operator's name, as they give it. */
  readonly operator: string | null;
  readonly reason: string | null;
}

export const UNNAMED_OPERATOR: OperatorOrigin = { operator: null, reason: null };
