/**
 * What `X-Error-Code` can say on the reply to a request that failed: finer than the status, for code that branches.
 * The set grows; a code is never renamed and never gets another meaning.
 */
export const ERROR_CODES = [
  'EMAIL_TAKEN',
  'EVENT_NOT_FOUND',
  'HEADERS_TOO_LARGE',
  'INSUFFICIENT_ROLE',
  'INSUFFICIENT_SCOPE',
  'INTERNAL',
  'INVALID_INPUT',
  'INVALID_ROLE',
  'KEYS_REQUIRED',
  'LAST_OWNER',
  'MALFORMED_JSON',
  'MALFORMED_REQUEST',
  'NOT_A_MEMBER',
  'NOT_ACCEPTABLE',
  'NOT_ASSOCIATED',
  'ORGANIZATION_NOT_FOUND',
  'ORGANIZATION_REQUIRED',
  'PATCH_CONFLICT',
  'PAYLOAD_TOO_LARGE',
  'POLICY_VIOLATION',
  'PRECONDITION_FAILED',
  'REQUEST_TIMEOUT',
  'ROUTE_NOT_FOUND',
  'SETTING_LOCKED',
  'TOO_MANY_REQUESTS',
  'TOO_MANY_WATCHERS',
  'UNAUTHORIZED',
  'UNAVAILABLE',
  'UNSUPPORTED_MEDIA_TYPE',
  'USER_NOT_FOUND',
  'VERSION_NOT_FOUND',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
