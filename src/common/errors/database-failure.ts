/** The server cannot be reached just now. */
const AWAY_ERRNOS = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'];

/**
 * 08: connection exception; 57P: the server stops, starts or ended the session; 53300: too many connections; 25006: it
 * takes no changes, because it is not, or no longer, the primary.
 */
const AWAY_SQLSTATE = /^(08...|57P0[1-5]|53300|25006)$/;

/** The messages of pg and its pool that come without a code. */
const AWAY_MESSAGE =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after|Client was closed and is not queryable)/;

/** The address or the login is wrong: no such host, no such socket; 28: login refused; 3D000: no such database. */
const WRONG_ADDRESS = /^(ENOTFOUND|ENOENT|28...|3D000)$/;

/**
 * Whether an error from pg or TypeORM says that the database is away and may come back, rather than that a statement
 * was wrong. SQLSTATEs: PostgreSQL manual, appendix A.
 */
export function isDatabaseAway(error: unknown): boolean {
  return (
    codesOf(error).some((code) => AWAY_ERRNOS.includes(code) || AWAY_SQLSTATE.test(code)) ||
    causesOf(error).some(({ message }) => typeof message === 'string' && AWAY_MESSAGE.test(message))
  );
}

/**
 * Whether the connection is of no further use. An error with which the server answers does not make it so, not even one
 * of class 08 with which a node of a distributed database says that another is away; but a server that ends the session
 * (severity FATAL), or that takes no changes (25006), does.
 */
export function isConnectionLost(error: unknown): boolean {
  const { severity } = error as { severity?: unknown };
  return isDatabaseAway(error) && (severity !== 'ERROR' || codesOf(error).includes('25006'));
}

/**
 * Whether the server went away without a word, or is no longer the primary: then other connections lead nowhere either.
 */
export function isServerLost(error: unknown): boolean {
  return (
    codesOf(error).some((code) => code === '25006' || code === 'ETIMEDOUT') ||
    /^Query read timeout/.test(messageOf(error))
  );
}

/** Whether there is no way to the database: it is away, or the address that leads to it is wrong. */
export function isDatabaseConnectionFailure(error: unknown): boolean {
  return isDatabaseAway(error) || codesOf(error).some((code) => WRONG_ADDRESS.test(code));
}

/** The codes of an error: an SQLSTATE from pg, or an errno from Node; several, where several addresses were tried. */
export function codesOf(error: unknown): string[] {
  return causesOf(error)
    .map(({ code }) => code)
    .filter((code) => typeof code === 'string');
}

/** The first thing that an error says; of several addresses that were tried, the first one's. */
export function messageOf(error: unknown): string {
  const said = causesOf(error).map(({ message }) => message);
  return said.find((message): message is string => typeof message === 'string' && message !== '') ?? String(error);
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
