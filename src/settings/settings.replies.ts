import type { ServiceScope } from '../auth/service-scope.js';
import { notModifiedReply } from '../common/http/api-precondition.decorator.js';
import { CURRENT_VERSION, ENTITY_TAG, type Reply, RETRY_AFTER } from '../common/http/api-reply.decorator.js';
import { COMMON_REPLIES, notJsonReply, refusedReply } from '../common/http/refused.replies.js';
import { SettingsErrorDto } from '../common/http/settings-error.dto.js';
import type { Content } from './content.js';
import { UpdatePolicyDto } from './dto/policy.dto.js';
import {
  GetPolicyResponseDto,
  GetPolicyVersionResponseDto,
  ListPolicyVersionsResponseDto,
  PolicyDryRunResponseDto,
} from './dto/policy.response.dto.js';
import { GetSettingsVersionResponseDto, ListSettingsVersionsResponseDto } from './dto/settings-version.response.dto.js';
import {
  GetSettingsResponseDto,
  SettingsDryRunResponseDto,
  SettingsWrittenResponseDto,
} from './dto/settings.response.dto.js';
import { UpdateSettingsDto } from './dto/update-settings.dto.js';
import type { SettingsApi } from './settings-api.js';

/** What is documented of the replies on settings; the texts that a client sees are those of the errors themselves. */

/** What bodies look like that hold a document. */
export const DTOS = {
  settings: {
    update: UpdateSettingsDto,
    read: GetSettingsResponseDto,
    dryRun: SettingsDryRunResponseDto,
    versions: ListSettingsVersionsResponseDto,
    version: GetSettingsVersionResponseDto,
  },
  policy: {
    update: UpdatePolicyDto,
    read: GetPolicyResponseDto,
    dryRun: PolicyDryRunResponseDto,
    versions: ListPolicyVersionsResponseDto,
    version: GetPolicyVersionResponseDto,
  },
} as const satisfies Record<Content, object>;

export const readReply = ({ content, title, example }: Pick<SettingsApi, 'content' | 'title' | 'example'>): Reply => ({
  description: 'The document. Before the first write it is empty.',
  type: DTOS[content].read,
  examples: { [title]: { success: true, [content]: example }, 'Never written': { success: true, [content]: {} } },
  headers: ENTITY_TAG,
});

/** A 304 of a read that may have waited. */
export const waitedReply: Reply = {
  ...notModifiedReply,
  name: 'StillNotModified',
  headers: {
    ...notModifiedReply.headers,
    ...RETRY_AFTER,
    'Preference-Applied': {
      description: 'What was done of `Prefer` (RFC 7240 §3).',
      schema: { type: 'string', example: 'wait=25' },
    },
  },
};

type Examples = Pick<SettingsApi, 'content' | 'owner' | 'example' | 'valueExample'>;

/** The difference between the document of the examples and the one with another value, as a JSON Patch (RFC 6902). */
export const patchExampleOf = ({ valueExample: { path, new: value } }: Pick<Examples, 'valueExample'>) => [
  { op: 'replace', path, value },
];

/** Whether a policy may bind a document. */
const isBound = ({ content, owner }: Pick<SettingsApi, 'content' | 'owner'>) =>
  content === 'settings' && owner !== 'system';

const WARNING: Reply['headers'] = {
  'Settings-Warning': {
    description: 'How many rules of policies that are not enforced the change breaks.',
    schema: { type: 'string', example: '2 violations' },
  },
};

const VIOLATIONS: Reply['headers'] = {
  'Settings-Violations': {
    description: 'Up to 10 of the rules or locks of policies that refuse the change, as JSON.',
    schema: {
      type: 'string',
      example:
        '[{"pointer":"/maxFileSize","rule":"pattern","message":"must match pattern \\"^[0-9]+GB$\\"","by":"system"}]',
    },
  },
};

/** A 400 of a change, which a policy may refuse, too. */
export const invalidChangeReply = (api: SettingsApi, message: string, errors: Record<string, string>): Reply =>
  orViolationReply(api, message, invalidReply(message, errors));

const orViolationReply = (api: SettingsApi, message: string, { examples, ...reply }: Reply): Reply =>
  isBound(api)
    ? {
        ...reply,
        examples: {
          ...examples,
          'Rule of a policy': {
            success: false,
            message,
            error: `${api.valueExample.path} must match pattern "^[0-9]+GB$" (and 2 more)`,
          },
        },
        headers: { ...reply.headers, ...VIOLATIONS },
      }
    : { ...reply, ...(examples && { examples }) };

const LOCKED = {
  Locked: {
    success: false,
    message: 'Insufficient permissions: the setting is locked',
    error: 'locked by the organization: /security/requireMFA (SOC 2)',
  },
};

/** The 403 of a change of one's own settings. */
export const lockedReply: Reply = {
  name: 'SettingLocked',
  description: 'A policy locks a setting that the change would give another value; nothing was changed.',
  type: SettingsErrorDto,
  examples: LOCKED,
  headers: VIOLATIONS,
};

export const writtenReply = (api: Examples, message: string): Reply => ({
  description: 'The change is stored, or would be.',
  type: [SettingsWrittenResponseDto, DTOS[api.content].dryRun],
  examples: {
    Success: { success: true, message },
    'Dry run': {
      success: true,
      message,
      dryRun: true,
      [api.content]: { ...api.example, [api.valueExample.path.slice(1)]: api.valueExample.new },
      patch: patchExampleOf(api),
    },
  },
  headers: { ...ENTITY_TAG, ...(isBound(api) && WARNING) },
});

export const invalidReply = (message: string, errors: Record<string, string>): Reply =>
  refusedReply('Wrong, and nothing was changed.', message, errors);

/** A 400 of a DELETE: no keys have a message of their own. */
export const invalidKeysReply = (api: SettingsApi, message: string): Reply =>
  orViolationReply(api, message, {
    description: 'Wrong, and nothing was changed.',
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

export const preconditionFailedReply: Reply = {
  name: 'PreconditionFailed',
  ...refusedReply(
    'The current version is not one that the request allows; nothing was changed.',
    'Precondition failed: the current version is different',
    { 'Somebody was faster': undefined },
    CURRENT_VERSION,
  ),
};

export const conflictReply = ({ valueExample: { path } }: Pick<Examples, 'valueExample'>): Reply =>
  refusedReply(
    'The patch is well-formed and does not fit the document; nothing was changed.',
    'The patch does not apply to the current document',
    {
      'Failed test': `operation 0: another value is at ${path}`,
      'Missing target': 'operation 1: there is nothing at /nothing',
    },
  );

/** The replies that every change of settings can give. */
export const COMMON_CHANGE_REPLIES: Record<number, Reply> = {
  ...COMMON_REPLIES,
  412: preconditionFailedReply,
  413: {
    name: 'SettingsTooLarge',
    ...refusedReply('The body, or the document that it would make, is too large.', 'Payload too large', {
      Body: 'the request body is larger than allowed',
      Document: 'the settings would take 524301 bytes, more than the 524288 allowed',
    }),
  },
  415: notJsonReply,
};

export const patchMediaTypeReply: Reply = {
  name: 'NoPatch',
  ...refusedReply('The body has another media type.', 'Unsupported media type', {
    'Media type': 'the body must be application/merge-patch+json or application/json-patch+json in UTF-8',
  }),
  headers: {
    'Accept-Patch': { description: 'The media types that there are (RFC 5789 §3.1).', schema: { type: 'string' } },
  },
};

const noScope = (scope: ServiceScope) => ({
  'Service account': { success: false, message: `Insufficient permissions: the scope ${scope} is required` },
});

export const mayNotReadReply: Reply = {
  name: 'MayNotReadSettings',
  description: 'The caller is a service account without the scope to read settings.',
  type: SettingsErrorDto,
  examples: noScope('settings:read'),
};

/** @param noun of a document of organizations */
export const mayNotWriteReply = (name: string, noun: string): Reply => ({
  name,
  description:
    'The caller is neither ADMINISTRATOR nor OWNER, or is a service account without the scope to write settings; for a dry run, which shows them, it needs the one to read them, too.',
  type: SettingsErrorDto,
  examples: {
    Role: {
      success: false,
      message: `Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify ${noun}`,
    },
    ...noScope('settings:write'),
    ...(noun === 'organization settings' && LOCKED),
  },
  ...(noun === 'organization settings' && { headers: VIOLATIONS }),
});

export const notAssociatedReply: Reply = {
  name: 'NotAssociated',
  ...refusedReply(
    'The caller belongs to no organization, or to a deleted one. Or, of a service account: the organization is not one of those that it may act on.',
    'User not associated with any organization',
    { 'No organization': undefined },
  ),
};

/** The 400 of a route that service accounts call, too, beside what else can be wrong there. */
export const orOrganizationRequiredReply = (
  message: string,
  { examples, ...reply }: Reply = refusedReply('The request is wrong.', message, {}),
): Reply => ({
  ...reply,
  examples: {
    ...examples,
    'Service account': { success: false, message, error: 'X-Organization-Id is required' },
  },
});

/** The 404 of a route that looks for a version, beside the one that it shares with the others, if any. */
export const versionNotFoundReply = (shared?: Reply): Reply => ({
  type: SettingsErrorDto,
  ...shared,
  name: `${shared?.name ?? ''}${shared === undefined ? '' : 'Or'}VersionNotFound`,
  description: shared === undefined ? 'The version is not kept.' : `${shared.description} Or the version is not kept.`,
  examples: {
    ...shared?.examples,
    'No version': { success: false, message: 'Version not found' },
    'No content': { success: false, message: 'Version not found', error: 'its content was thinned' },
  },
});
