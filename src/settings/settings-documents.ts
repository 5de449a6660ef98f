import type { RouteAccess } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';
import type { Reply } from '../common/http/api-reply.decorator.js';
import type { SettingsDocument } from './settings-owner.js';
import { userNotFoundReply } from '../common/http/refused.replies.js';
import { mayNotReadReply, mayNotWriteReply, notAssociatedReply } from './settings.replies.js';

interface Audience {
  readonly access: RouteAccess;
  /** The reply to others, where there can be others. */
  readonly forbidden: Record<number, Reply>;
}

/** What the routes of a settings document need to know of it. */
export interface SettingsApi {
  readonly document: SettingsDocument;
  /** As it stands in operation ids. */
  readonly name: string;
  /** As it stands in messages. */
  readonly noun: string;
  readonly title: string;
  readonly readers: Audience;
  readonly writers: Audience;
  /** The 404 reply. */
  readonly notFound: Reply;
  readonly example: object;
  readonly partExample: object;
  readonly keysExample: readonly string[];
  /** A value of the example, and another one in its place: for JSON Patches (RFC 6902) and differences. */
  readonly valueExample: { readonly path: string; readonly old: string; readonly new: string };
}

const ONESELF: Audience = { access: { roles: 'user' }, forbidden: {} };

/** The settings documents. Each has its routes, statements and versions. */
export const SETTINGS_DOCUMENTS: { readonly [Document in SettingsDocument]: SettingsApi } = {
  organization: {
    document: 'organization',
    name: 'Organization',
    noun: 'organization settings',
    title: 'Organization settings',
    readers: {
      access: { roles: 'member', scope: 'settings:read' },
      forbidden: { 403: mayNotReadReply },
    },
    writers: {
      // The reply to a dry run shows the document.
      access: { roles: WRITING_ROLES, scope: 'settings:write', dryRunScope: 'settings:read' },
      forbidden: { 403: mayNotWriteReply },
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
  user: {
    document: 'user',
    name: 'User',
    noun: 'user settings',
    title: 'User settings',
    readers: ONESELF,
    writers: ONESELF,
    notFound: userNotFoundReply,
    example: { theme: 'dark', language: 'en', notifications: { email: true, push: false } },
    partExample: { theme: 'light', notifications: { email: false } },
    keysExample: ['language', 'notifications.push'],
    valueExample: { path: '/theme', old: 'dark', new: 'light' },
  },
};
