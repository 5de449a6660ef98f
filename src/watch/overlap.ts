import { STATEMENT_TIMEOUT_MS } from '../database/data-source-options.js';

/**
 * How far each look for changes goes back before the one before it, in milliseconds. A change bears the time at which
 * it was made, and is seen when it is committed: by then it is found, whatever a statement may take.
 */
export const OVERLAP_MS = STATEMENT_TIMEOUT_MS + 5_000;
