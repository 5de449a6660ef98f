/** Whose rows something works on, and on whose behalf. */
export interface Parties {
  readonly ownerId: string;
  readonly callerId: string;
}

/** Of a request that waits for its turns. */
export interface Waiting {
  /** When it came to wait, on the clock of `performance.now()`: it waits `MAX_WAIT_MS` in all. */
  readonly since: number;
}

export interface WaitingParties extends Parties, Waiting {}
