import type { RouteAccess } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';
import { onlyForServicesReply, userNotFoundReply } from '../common/http/refused.replies.js';
import { ChangeContext } from '../history/change-context.js';
import { InsufficientRoleError, NotAssociatedError } from '../organization/organization.errors.js';
import { InsufficientScopeError } from '../service-account/service-account.errors.js';
import type { Audience, SettingsApi } from './settings-api.js';
import type { SettingsDocument } from './settings-owner.js';
import { lockedReply, mayNotReadReply, mayNotWriteReply, notAssociatedReply } from './settings.replies.js';

const MEMBERS: Audience = {
  access: { roles: 'member', scope: 'settings:read' },
  forbidden: { 403: mayNotReadReply },
};

/** The reply to a dry run shows the document. */
const ADMINISTRATORS: RouteAccess = { roles: WRITING_ROLES, scope: 'settings:write', dryRunScope: 'settings:read' };

const ONESELF: Audience = { access: { roles: 'user' }, forbidden: {} };

const OF_SYSTEM = {
  owner: 'system',
  readers: {
    access: { roles: 'service', scope: 'system:read' },
    forbidden: { 403: { name: 'MayNotReadSystem', ...onlyForServicesReply('system:read') } },
  },
  writers: {
    access: { roles: 'service', scope: 'system:write', dryRunScope: 'system:read' },
    forbidden: { 403: { name: 'MayNotWriteSystem', ...onlyForServicesReply('system:write') } },
  },
} as const satisfies Partial<SettingsApi>;

const OF_POLICY = {
  content: 'policy',
  example: {
    locks: { '/security/requireMFA': { reason: 'SOC 2' } },
    schema: { user: { type: 'object', properties: { theme: { enum: ['dark', 'light'] } } } },
    enforcement: 'enforce',
  },
  partExample: { enforcement: 'warn' },
  keysExample: [],
  valueExample: { path: '/enforcement', old: 'enforce', new: 'warn' },
} as const satisfies Partial<SettingsApi>;

/** The documents. Each has its routes, statements and versions. */
export const SETTINGS_DOCUMENTS: { readonly [Document in SettingsDocument]: SettingsApi } = {
  'organization-settings': {
    document: 'organization-settings',
    path: 'settings/organization',
    owner: 'organization',
    context: ChangeContext.ORGANIZATION_SETTINGS,
    content: 'settings',
    name: 'OrganizationSettings',
    noun: 'organization settings',
    title: 'Organization settings',
    readers: MEMBERS,
    writers: {
      access: ADMINISTRATORS,
      forbidden: { 403: mayNotWriteReply('MayNotWriteSettings', 'organization settings') },
    },
    notFound: notAssociatedReply,
    example: {
      defaultStorageType: 'S3',
      maxFileSize: '10GB',
      retentionPolicy: { enabled: true, days: 365 },
      security: { requireMFA: true, sessionTimeout: 3600 },
    },
    partExample: { maxFileSize: '20GB', security: { requireMFA: false } },
    keysExample: ['retentionPolicy', 'security.requireMFA'],
    valueExample: { path: '/maxFileSize', old: '10GB', new: '20GB' },
  },
  'organization-policy': {
    ...OF_POLICY,
    document: 'organization-policy',
    path: 'settings/organization/policy',
    owner: 'organization',
    context: ChangeContext.ORGANIZATION_POLICY,
    name: 'OrganizationPolicy',
    noun: 'organization policy',
    title: 'Organization policy',
    readers: MEMBERS,
    writers: {
      access: {
        ...ADMINISTRATORS,
        refusal: (reason) => {
          if (reason === 'no-organization') return new NotAssociatedError();
          return reason === 'settings:read'
            ? new InsufficientScopeError(reason)
            : new InsufficientRoleError('organization policy');
        },
      },
      forbidden: { 403: mayNotWriteReply('MayNotWritePolicy', 'organization policy') },
    },
    notFound: notAssociatedReply,
  },
  'user-settings': {
    document: 'user-settings',
    path: 'settings/user',
    owner: 'user',
    context: ChangeContext.USER_SETTINGS,
    content: 'settings',
    name: 'UserSettings',
    noun: 'user settings',
    title: 'User settings',
    readers: ONESELF,
    writers: { ...ONESELF, forbidden: { 403: lockedReply } },
    notFound: userNotFoundReply,
    example: { theme: 'dark', language: 'en', notifications: { email: true, push: false } },
    partExample: { theme: 'light', notifications: { email: false } },
    keysExample: ['language', 'notifications.push'],
    valueExample: { path: '/theme', old: 'dark', new: 'light' },
  },
  'system-settings': {
    ...OF_SYSTEM,
    document: 'system-settings',
    path: 'settings/system',
    context: ChangeContext.SYSTEM_SETTINGS,
    content: 'settings',
    name: 'SystemSettings',
    noun: 'system settings',
    title: 'System settings',
    example: { maxFileSize: '5GB', theme: 'light', support: { email: 'help@example.com' } },
    partExample: { maxFileSize: '10GB', support: { hours: '9-17' } },
    keysExample: ['theme', 'support.email'],
    valueExample: { path: '/maxFileSize', old: '5GB', new: '10GB' },
  },
  'system-policy': {
    ...OF_SYSTEM,
    ...OF_POLICY,
    document: 'system-policy',
    path: 'settings/system/policy',
    context: ChangeContext.SYSTEM_POLICY,
    name: 'SystemPolicy',
    noun: 'system policy',
    title: 'System policy',
  },
};
