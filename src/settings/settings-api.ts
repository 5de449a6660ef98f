import type { RouteAccess } from '../auth/access.decorator.js';
import type { Reply } from '../common/http/api-reply.decorator.js';
import type { ChangeContext } from '../history/change-context.js';
import type { Content } from './content.js';
import type { SettingsDocument } from './settings-owner.js';

export interface Audience {
  readonly access: RouteAccess;
  /** The reply to others, where there can be others. */
  readonly forbidden: Record<number, Reply>;
}

/** What there is to know of a document. */
export interface SettingsApi {
  readonly document: SettingsDocument;
  readonly path: string;
  /** Whose it is: the caller's organization's, the caller's own, or the whole deployment's. */
  readonly owner: 'organization' | 'user' | 'system';
  readonly context: ChangeContext;
  readonly content: Content;
  /** As it stands in operation ids. */
  readonly name: string;
  /** As it stands in messages. */
  readonly noun: string;
  readonly title: string;
  readonly readers: Audience;
  readonly writers: Audience;
  /** The 404 reply, where there may be no such owner. */
  readonly notFound?: Reply;
  readonly example: object;
  readonly partExample: object;
  readonly keysExample: readonly string[];
  /** A value of the example, and another one in its place: for JSON Patches (RFC 6902) and differences. */
  readonly valueExample: { readonly path: string; readonly old: string; readonly new: string };
}
