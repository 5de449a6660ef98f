interface ErrorLike {
  name?: string;
  message?: string;
  code?: string;
  cause?: unknown;
}

/**
 * An error and its causes, outermost first. They need not be of this realm's `Error`: those of `fetch` are not in Jest.
 */
export function causesOf(error: unknown): ErrorLike[] {
  if (typeof error !== 'object' || error === null) return [];
  return [error, ...causesOf((error as ErrorLike).cause)];
}
