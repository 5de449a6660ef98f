const CONNECTION_ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** 08: connection exception; 57P: the server stops, starts or ended the session; 53300: too many connections; 28: login refused. */
const CONNECTION_SQLSTATE = /^(08...|57P0[1-5]|53300|28...)$/;

/** What pg and its pool say without any code. */
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after)/;

/**
 * Whether an error from pg or TypeORM says that the database could not be reached or went away, rather than that a
 * statement was wrong. SQLSTATEs: PostgreSQL manual, appendix A.
 */
export function isDatabaseConnectionFailure(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    if (typeof cause.code === 'string') {
      if (CONNECTION_ERRNOS.has(cause.code) || CONNECTION_SQLSTATE.test(cause.code)) return true;
    }
    if (typeof cause.message === 'string' && CONNECTION_MESSAGE.test(cause.message)) return true;
  }
  return false;
}

interface Cause {
  code?: unknown;
  message?: unknown;
}

/** The error itself, what TypeORM wrapped (`driverError`), and what Node gathered while it tried several addresses. */
function causesOf(error: unknown): Cause[] {
  if (typeof error !== 'object' || error === null) return [];
  const { driverError, errors } = error as { driverError?: unknown; errors?: unknown };
  const inner = [driverError, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return [error, ...inner.filter((cause): cause is object => typeof cause === 'object' && cause !== null)];
}
