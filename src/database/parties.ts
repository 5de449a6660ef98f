/** Whose rows something works on, and on whose behalf. */
export interface Parties {
  readonly ownerId: string;
  readonly callerId: string;
}
