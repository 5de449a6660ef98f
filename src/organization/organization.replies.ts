import { CURRENT_VERSION, type Reply, RETRY_AFTER } from '../common/http/api-reply.decorator.js';
import { OrganizationErrorDto } from './dto/organization.response.dto.js';
import type { PROFILE_FIELDS } from './profile-fields.js';

export const EXAMPLE = {
  id: '123e4567-e89b-12d3-a456-426614174000',
  name: 'Updated Organization Name',
  domain: 'acme.com',
  address1: '456 New Business Ave',
  address2: 'Suite 100',
  city: 'Los Angeles',
  zipcode: '10001',
  phone: '+1-555-0123',
  state: 'CA',
  country: 'US',
  deletedAt: null,
  reposDisabled: false,
  website: 'https://acme.com',
  is_business: true,
  mfaEnforced: true,
} satisfies Record<(typeof PROFILE_FIELDS)[number]['name'], unknown>;

/** What is documented of the refusals in the envelope of organizations. */
export const refused = (description: string, messages: Record<string, string>): Reply => ({
  description,
  type: OrganizationErrorDto,
  examples: Object.fromEntries(
    Object.entries(messages).map(([name, message]) => [name, { success: false, data: null, message }]),
  ),
});

export const COMMON_REPLIES = {
  401: {
    name: 'OrganizationUnauthorized',
    ...refused('The bearer token is missing or does not hold.', { 'No token': 'Unauthorized' }),
  },
  404: {
    name: 'OrganizationNotFound',
    ...refused('No such organization: unknown, deleted, or not a UUID.', { Unknown: 'Organization not found' }),
  },
  429: {
    name: 'OrganizationTooManyRequests',
    ...refused('The caller, their organization, or an address without a valid token, sent too many requests.', {
      Caller: 'Too many requests',
    }),
    headers: RETRY_AFTER,
  },
  500: {
    name: 'OrganizationInternalServerError',
    ...refused(
      'The service failed. Where the connection to the database was lost, a change may have been made: its version tells.',
      { Failure: 'Internal server error' },
    ),
  },
  503: {
    name: 'OrganizationServiceUnavailable',
    ...refused('There is too much to do just now; nothing was changed.', { Overload: 'Service unavailable' }),
    headers: RETRY_AFTER,
  },
};

export const preconditionFailedReply: Reply = {
  name: 'OrganizationPreconditionFailed',
  ...refused('The current version is not one that the request allows; nothing was changed.', {
    'Somebody was faster': 'Precondition failed: the current version is different',
  }),
  headers: CURRENT_VERSION,
};

/** The 404 of a route that looks for a version, beside that of every route. */
export const orVersionNotFoundReply: Reply = {
  ...COMMON_REPLIES[404],
  name: 'OrganizationOrVersionNotFound',
  description: `${COMMON_REPLIES[404].description} Or the version is not kept.`,
  examples: {
    ...COMMON_REPLIES[404].examples,
    'No version': { success: false, data: null, message: 'Version not found' },
    'No content': { success: false, data: null, message: 'Version not found', error: 'its content was thinned' },
  },
};

export const mayNotReadReply: Reply = {
  name: 'MayNotReadOrganization',
  ...refused('The caller is no member of the organization, or is a service account that may not read it.', {
    'Another organization': 'Access denied: you can only view your own organization',
    'Service account': 'Insufficient permissions: the scope organization:read is required',
  }),
};

export const mayNotWriteReply: Reply = {
  name: 'MayNotWriteOrganization',
  ...refused('The caller is neither ADMINISTRATOR nor OWNER of it, nor a service account that may change it.', {
    Role: 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization',
  }),
};
