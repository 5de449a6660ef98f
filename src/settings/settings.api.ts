import { AnyMember, AnyUser, Roles } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';
import type { Reply } from '../common/http/api-reply.decorator.js';
import type { Scope } from './settings-owner.js';
import { forbiddenReply, notAssociatedReply, userNotFoundReply } from './settings.replies.js';

/** In what the routes of the two kinds of settings differ: who may call them, and their words. */
export interface SettingsApi {
  readonly scope: Scope;
  /** As it stands in operation ids. */
  readonly name: string;
  /** As it stands in messages. */
  readonly noun: string;
  readonly title: string;
  readonly readers: { readonly access: () => MethodDecorator; readonly role: string };
  readonly writers: { readonly access: () => MethodDecorator; readonly role: string };
  /** The replies to who may not read, or not write. */
  readonly notFound: Reply;
  readonly forbidden: Record<number, Reply>;
  readonly example: object;
  readonly partExample: object;
  readonly keysExample: string[];
}

const ONESELF = { access: AnyUser, role: 'none; they belong to the caller' };

export const USER_SETTINGS: SettingsApi = {
  scope: 'user',
  name: 'User',
  noun: 'user settings',
  title: 'User settings',
  readers: ONESELF,
  writers: ONESELF,
  notFound: userNotFoundReply,
  forbidden: {},
  example: { theme: 'dark', language: 'en', notifications: { email: true, push: false } },
  partExample: { theme: 'light', notifications: { email: false } },
  keysExample: ['language', 'notifications.push'],
};

export const ORGANIZATION_SETTINGS: SettingsApi = {
  scope: 'organization',
  name: 'Organization',
  noun: 'organization settings',
  title: 'Organization settings',
  readers: { access: AnyMember, role: 'any member' },
  writers: { access: () => Roles(...WRITING_ROLES), role: 'ADMINISTRATOR or OWNER' },
  notFound: notAssociatedReply,
  forbidden: { 403: forbiddenReply },
  example: {
    defaultStorageType: 'S3',
    maxFileSize: '10GB',
    retentionPolicy: { enabled: true, days: 365 },
    security: { requireMFA: true, sessionTimeout: 3600 },
  },
  partExample: { maxFileSize: '20GB', security: { requireMFA: false } },
  keysExample: ['retentionPolicy', 'security.requireMFA'],
};
