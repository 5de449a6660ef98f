/** Whose rows something works on, and on whose behalf. */
export interface Parties {
  readonly ownerId: string;
  readonly callerId: string;
}

/** The parties of a request, and when it came to wait, on the clock of `performance.now()`. */
export interface WaitingParties extends Parties {
  readonly since: number;
}
