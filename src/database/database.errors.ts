import { codesOf, messageOf } from '../common/errors/database-failure.js';

/** The variable that has an address. */
export type AddressVariable = 'DATABASE_URL' | 'MIGRATION_DATABASE_URL';

/** There is no way to the database, or none that may be used. The cause says whether that may pass. */
export class UnreachableDatabaseError extends Error {
  constructor(variable: AddressVariable, cause: unknown) {
    const way = variable === 'DATABASE_URL' ? '' : ` by ${variable}`;
    super(`The database cannot be reached${way}: ${explained(cause)}`, { cause });
    this.name = 'UnreachableDatabaseError';
  }
}

/**
 * Somebody stopped all changes, maybe for a while: the owner who moves the database, or a provider whose disk is full.
 * Asking for a session that takes changes anyway could lose them.
 */
export class ReadOnlyDatabaseError extends Error {
  /** The SQLSTATE with which PostgreSQL refuses a change: read_only_sql_transaction. */
  readonly code = '25006';

  constructor() {
    super('it takes no changes (default_transaction_read_only is on)');
    this.name = 'ReadOnlyDatabaseError';
  }
}

/** The database was set up in a way that the service cannot work with. */
export class UnsuitableDatabaseError extends Error {
  constructor(problem: string) {
    super(`The database cannot be used: ${problem}`);
    this.name = 'UnsuitableDatabaseError';
  }
}

/** How many missing rights are named. */
const MAX_RIGHTS = 10;

/** The role lacks rights that requests would need. */
export class MissingRightsError extends Error {
  constructor(role: string, rights: readonly string[]) {
    const more = rights.length > MAX_RIGHTS ? `, and ${rights.length - MAX_RIGHTS} more` : '';
    super(`The role ${role} lacks rights (docs/grants.sql): ${rights.slice(0, MAX_RIGHTS).join(', ')}${more}`);
    this.name = 'MissingRightsError';
  }
}

/** Messages of pg and Node that do not help an operator, and what to do about each. */
const EXPLANATIONS: [RegExp, string][] = [
  [/^The server does not support SSL connections$/, 'the server has no TLS, which sslmode asks for'],
  [/client password must be a string$/, 'the server asks for a password, and the address has none'],
];

/** Codes of OpenSSL for a chain of certificates that does not end at one that is trusted. */
const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE))$/;

function explained(cause: unknown): string {
  const message = messageOf(cause).replace(/\s+/g, ' ');
  if (codesOf(cause).some((code) => UNTRUSTED.test(code))) {
    return `its certificate is not trusted (${message}): name the authority in sslrootcert`;
  }
  return EXPLANATIONS.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}
