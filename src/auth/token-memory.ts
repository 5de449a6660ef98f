import type { Principal } from './principal.js';

/** Knows tokens that were verified before. */
export abstract class TokenMemory {
  /** Whom a token speaks for, if it was verified with a key that is still in use and has not expired. */
  abstract recall(token: string): Principal | undefined;
}
