import { AnyMember, AnyUser, Roles } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';
import type { Reply } from '../common/http/api-reply.decorator.js';
import type { SettingsDocument } from './settings-owner.js';
import { mayNotReadReply, mayNotWriteReply, notAssociatedReply, userNotFoundReply } from './settings.replies.js';

/** Who may call a route. */
interface Audience {
  readonly access: () => MethodDecorator;
  readonly role: string;
  /** The reply to others, where there can be others. */
  readonly forbidden: Record<number, Reply>;
}

/** In what the routes of the two kinds of settings differ: who may call them, and their words. */
export interface SettingsApi {
  readonly document: SettingsDocument;
  /** As it stands in operation ids. */
  readonly name: string;
  /** As it stands in messages. */
  readonly noun: string;
  readonly title: string;
  readonly readers: Audience;
  readonly writers: Audience;
  /** The reply to whom the document does not exist for. */
  readonly notFound: Reply;
  /** Whether service accounts may call the routes, too; they have to name the organization. */
  readonly isForServices: boolean;
  readonly example: object;
  readonly partExample: object;
  readonly keysExample: string[];
}

const ONESELF = { access: AnyUser, role: 'none; they belong to the caller', forbidden: {} };

export const USER_SETTINGS: SettingsApi = {
  document: 'user',
  name: 'User',
  noun: 'user settings',
  title: 'User settings',
  readers: ONESELF,
  writers: ONESELF,
  notFound: userNotFoundReply,
  isForServices: false,
  example: { theme: 'dark', language: 'en', notifications: { email: true, push: false } },
  partExample: { theme: 'light', notifications: { email: false } },
  keysExample: ['language', 'notifications.push'],
};

export const ORGANIZATION_SETTINGS: SettingsApi = {
  document: 'organization',
  name: 'Organization',
  noun: 'organization settings',
  title: 'Organization settings',
  readers: {
    access: AnyMember,
    role: 'any member, or a service account with the scope `settings:read`',
    forbidden: { 403: mayNotReadReply },
  },
  writers: {
    access: () => Roles(...WRITING_ROLES),
    role: 'ADMINISTRATOR or OWNER, or a service account with the scope `settings:write`',
    forbidden: { 403: mayNotWriteReply },
  },
  notFound: notAssociatedReply,
  isForServices: true,
  example: {
    defaultStorageType: 'S3',
    maxFileSize: '10GB',
    retentionPolicy: { enabled: true, days: 365 },
    security: { requireMFA: true, sessionTimeout: 3600 },
  },
  partExample: { maxFileSize: '20GB', security: { requireMFA: false } },
  keysExample: ['retentionPolicy', 'security.requireMFA'],
};
