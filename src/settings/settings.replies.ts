import type { Reply } from '../common/http/api-reply.decorator.js';
import { GetSettingsResponseDto, SettingsErrorDto, SettingsWrittenResponseDto } from './dto/settings.response.dto.js';

/** What is documented of the replies on settings; the texts that a client sees are those of the errors themselves. */

const refused = (description: string, message: string, errors: Record<string, string | undefined>): Reply => ({
  description,
  type: SettingsErrorDto,
  examples: Object.fromEntries(
    Object.entries(errors).map(([name, error]) => [name, { success: false, message, ...(error && { error }) }]),
  ),
});

export const readReply = (settings: object): Reply => ({
  description: 'The settings. Before the first write they are empty.',
  type: GetSettingsResponseDto,
  examples: { Settings: { success: true, settings }, 'Never written': { success: true, settings: {} } },
});

export const writtenReply = (message: string): Reply => ({
  description: 'The change is stored.',
  type: SettingsWrittenResponseDto,
  examples: { Success: { success: true, message } },
});

export const invalidReply = (message: string, errors: Record<string, string>): Reply =>
  refused('The body is wrong, and nothing was changed.', message, errors);

/** A 400 of a DELETE: no keys have a message of their own. */
export const invalidKeysReply = (message: string): Reply => ({
  description: 'The body is wrong, and nothing was changed.',
  type: SettingsErrorDto,
  examples: {
    'No keys': {
      success: false,
      message: 'Keys array is required and must not be empty',
      error: 'keys is required',
    },
    'Wrong key': { success: false, message, error: 'keys[0] must be a string' },
  },
});

/** The replies that every route on settings can give. */
export const COMMON_REPLIES: Record<number, Reply> = {
  401: refused('The bearer token is missing or does not hold.', 'Unauthorized', {
    'No token': 'a bearer token is required',
    Expired: 'the token has expired',
  }),
  500: refused('The service failed; nothing was changed.', 'Internal server error', {
    'Database away': 'Database connection failed',
    Other: undefined,
  }),
};

/** The replies that every write of settings can give. */
export const COMMON_WRITE_REPLIES: Record<number, Reply> = {
  ...COMMON_REPLIES,
  413: refused('The body, or the document that it would make, is too large.', 'Payload too large', {
    Body: 'the request body is larger than allowed',
    Document: 'the settings would take 524301 bytes, more than the 524288 allowed',
  }),
  415: refused('The body is not JSON.', 'Unsupported media type', {
    'Media type': 'the body must be application/json in UTF-8',
  }),
};

export const forbiddenReply = refused(
  'The caller is neither ADMINISTRATOR nor OWNER.',
  'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization settings',
  { Role: undefined },
);

export const notAssociatedReply = refused(
  'The caller belongs to no organization, or to a deleted one.',
  'User not associated with any organization',
  { 'No organization': undefined },
);

export const userNotFoundReply = refused('The token speaks for a user that does not exist.', 'User not found', {
  'No user': undefined,
});
