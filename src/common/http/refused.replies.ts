import { ACCEPT, type Reply, RETRY_AFTER } from './api-reply.decorator.js';
import { SettingsErrorDto } from './settings-error.dto.js';

/**
 * What is documented of the refusals in the settings envelope; the texts that a client sees are those of the errors
 * themselves.
 */
export const refusedReply = (
  description: string,
  message: string,
  errors: Record<string, string | undefined>,
  headers?: Reply['headers'],
): Reply => ({
  description,
  type: SettingsErrorDto,
  examples: Object.fromEntries(
    Object.entries(errors).map(([name, error]) => [name, { success: false, message, ...(error && { error }) }]),
  ),
  ...(headers && { headers }),
});

export const tooManyRequestsReply = (errors: Record<string, string>): Reply =>
  refusedReply(
    'The caller, their organization, or an address without a valid token, sent too many requests.',
    'Too many requests',
    errors,
    RETRY_AFTER,
  );

/** The replies that every route with a token can give. */
export const COMMON_REPLIES: Record<number, Reply> = {
  401: {
    name: 'Unauthorized',
    ...refusedReply('The bearer token is missing or does not hold.', 'Unauthorized', {
      'No token': 'a bearer token is required',
      Expired: 'the token has expired',
    }),
  },
  429: {
    name: 'TooManyRequests',
    ...tooManyRequestsReply({ Caller: 'at most 6000 requests a minute are allowed for each caller' }),
  },
  503: {
    name: 'ServiceUnavailable',
    ...refusedReply('There is too much to do just now; nothing was changed.', 'Service unavailable', {
      Overload: 'too many requests are waiting for the database',
      Bodies: 'too many request bodies of this caller are under way',
    }),
    headers: RETRY_AFTER,
  },
  500: {
    name: 'InternalServerError',
    ...refusedReply(
      'The service failed. Where the connection to the database was lost, a change may have been made: its version tells.',
      'Internal server error',
      {
        'Database away': 'Database connection failed',
        Other: undefined,
      },
    ),
  },
};

export const notJsonReply: Reply = {
  name: 'NotJson',
  ...refusedReply(
    'There is a body, and it has another media type.',
    'Unsupported media type',
    { 'Media type': 'the body must be application/json in UTF-8' },
    ACCEPT,
  ),
};

export const userNotFoundReply: Reply = {
  name: 'UserNotFound',
  ...refusedReply('The token speaks for a user that does not exist.', 'User not found', { 'No user': undefined }),
};

/** The 403 of a route that is for service accounts of all organizations. */
export const onlyForServicesReply = (scope: string): Reply => ({
  description: 'The caller is no service account of all organizations, or lacks the scope.',
  type: SettingsErrorDto,
  examples: {
    'A user': {
      success: false,
      message: 'Insufficient permissions: only service accounts of all organizations can do this',
    },
    'No scope': { success: false, message: `Insufficient permissions: the scope ${scope} is required` },
  },
});
