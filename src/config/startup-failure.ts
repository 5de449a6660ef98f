import { isDatabaseConnectionFailure, messageOf } from '../common/errors/database-failure.js';

/** Errors that say all there is to say in their message, by name. */
const SELF_EXPLANATORY = new Set([
  'EnvironmentError',
  'FolderInUseError',
  'MissingRightsError',
  'SchemaOutdatedError',
  'UnreachableDatabaseError',
  'UnsuitableDatabaseError',
]);

/** A SQLSTATE (PostgreSQL manual, appendix A). */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * What to tell the operator when the start fails: one clear line for each problem; the stack only where the error is
 * unexpected.
 */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} on ${address} is already in use: set PORT to another one`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} needs more privileges: set PORT to another one`;
  if (code === INSUFFICIENT_PRIVILEGE) {
    return `The database refuses what the start needs (docs/grants.sql): ${error.message}`;
  }
  if (isDatabaseConnectionFailure(error)) return `The database cannot be reached: ${messageOf(error)}`;
  if (code !== undefined && syscall !== undefined) return error.message;
  return SELF_EXPLANATORY.has(error.name) ? error.message : (error.stack ?? error.message);
}
