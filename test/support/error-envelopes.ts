/** How the routes of a path say what went wrong. */
export interface ErrorEnvelope {
  /** The member that names what is wrong with a request. */
  readonly problem: 'message' | 'error';
  /** What stands beside it. */
  readonly rest: object;
}

const SETTINGS: ErrorEnvelope = { problem: 'error', rest: {} };
const ORGANIZATION: ErrorEnvelope = { problem: 'message', rest: { data: null } };
const MEMBERS: ErrorEnvelope = { problem: 'message', rest: { data: [], total: 0 } };
const MEMBER: ErrorEnvelope = { problem: 'message', rest: { data: {} } };
const USER: ErrorEnvelope = { problem: 'message', rest: {} };

/** @param path of the OpenAPI document */
export function errorEnvelopeOf(method: string, path: string): ErrorEnvelope {
  const verb = method.toUpperCase();
  if (path.startsWith('/mfa/')) return SETTINGS;
  if (path.startsWith('/user/')) return USER;
  if (path === '/organization/users') return verb === 'GET' ? MEMBERS : MEMBER;
  if (path.startsWith('/organization/users/')) return verb === 'PUT' ? MEMBER : USER;
  return path.startsWith('/organization/') ? ORGANIZATION : SETTINGS;
}
