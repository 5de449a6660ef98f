import { expect, it } from 'vitest';
import type { VersionedDocument, VersionInfo } from '../document/versioned-document.js';
import { findVersions } from './found-versions.js';

const PATHS = ['/theme/color', '/a.b/c', '/x~1y', '/themes', ''];

const versions = PATHS.map((path, n): VersionInfo => ({
  version: PATHS.length - n,
  at: '2026-11-21T12:00:00.000Z',
  operation: 'merge-patch',
  actor: { id: 'ada', email: 'ada@acme.example' },
  paths: [path],
  reason: null,
}));
const document: Partial<VersionedDocument> = { list: () => Promise.resolve({ versions, next: null }) };

it.each([
  ['theme.color', ['/theme/color', '']],
  ['theme.color.dark', ['/theme/color', '']],
  ['/theme/color', ['/theme/color', '']],
  ['Color', ['/theme/color', '']],
  ['a\\.b', ['/a.b/c', '']],
  ['x/y', ['/x~1y', '']],
  ['theme.', ['/theme/color', '']],
  ['', PATHS],
])('a history is filtered by keys as people read them, or by pointers: %s', async (key, paths) => {
  const found = await findVersions(document as VersionedDocument, { key, person: '' });
  expect(found.versions.flatMap((version) => version.paths)).toStrictEqual(paths);
});
