import type { FollowedDocument } from '@flashback/client/live';
import { versions } from '../session/session.js';
import type { DocumentId } from './versioned-document.js';

const TOLD_AS: Readonly<Record<DocumentId, FollowedDocument>> = {
  organization: 'organization-settings',
  user: 'user-settings',
  profile: 'organization-profile',
  policy: 'organization-policy',
};

/** The newest version of a document that the page heard of. */
export function toldVersion(id: DocumentId): number {
  return versions.value[TOLD_AS[id]] ?? 0;
}
