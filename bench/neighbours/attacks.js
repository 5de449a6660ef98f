/** What one caller does to be noticed, and what honest ones do. */

/** Near the limit of a document's size, and slow to change. */
export const LARGE = Object.fromEntries(Array.from({ length: 18_000 }, (_, n) => [`key${n}`, `value ${n}`]));
/** The same as text, to be continued. */
const LARGE_TEXT = JSON.stringify(LARGE).slice(0, -1);

const DOTS = JSON.stringify({ keys: ['.'.repeat(1_000_000)] });
const BRACKETS = '['.repeat(1_000_000);
const NESTED = `{"a":[${Array(16_000).fill('['.repeat(30) + ']'.repeat(30))}]}`;
export const SETTINGS = '/settings/organization';
export const OWN_SETTINGS = '/settings/user';
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';

const operations = (operationOf) => Array.from({ length: 256 }, (_, place) => operationOf(place));

/**
 * What one caller does, at most `at` at a time and `perSecond` in a second. `isShort`: also in a short run;
 * `colleagues`: those who notice are of the caller's own organization.
 *
 * @type {Record<
 *   string,
 *   {
 *     at: number,
 *     perSecond?: number,
 *     isShort?: boolean,
 *     colleagues?: boolean,
 *     request?: (n: number, own: { organizationId: string, memberId: string, eventIds: number[] }) => object,
 *   }
 * >}
 */
export const ATTACKS = {
  nothing: { at: 0, isShort: true },
  'merge patches of a large document': {
    at: 24,
    perSecond: 60,
    isShort: true,
    request: (n) => ({ method: 'PATCH', path: SETTINGS, type: MERGE_PATCH, body: { [`key${n % 100}`]: `a${n}` } }),
  },
  'JSON Patches of 256 copies': {
    at: 16,
    isShort: true,
    request: (n) => ({
      method: 'PATCH',
      path: SETTINGS,
      type: JSON_PATCH,
      body: operations((place) => ({ op: 'copy', from: '/key1', path: `/copy${n}-${place}` })),
    }),
  },
  'JSON Patches of 256 operations within a large member': {
    at: 16,
    request: (n) => ({
      method: 'PATCH',
      path: OWN_SETTINGS,
      type: JSON_PATCH,
      body: operations((place) => ({ op: 'replace', path: `/large/key${place}`, value: n })),
    }),
  },
  'differences of old versions': {
    at: 32,
    isShort: true,
    request: (n) => ({ path: `${OWN_SETTINGS}/versions/${(n % 8) + 3}/diff?from=1` }),
  },
  'events, of 300,000': {
    at: 24,
    isShort: true,
    request: () => ({ method: 'POST', path: '/systemevent', body: { skip: 0, take: 100 } }),
  },
  'events that nobody made': {
    at: 24,
    request: () => ({ method: 'POST', path: '/systemevent', body: { userId: 'nobody', showUnread: true } }),
  },
  'replacements by half a megabyte': {
    at: 16,
    perSecond: 34,
    isShort: true,
    request: (n) => ({ method: 'POST', path: SETTINGS, text: `{"settings":${LARGE_TEXT},"n":${n}}}` }),
  },
  'dry runs of a large document': {
    at: 16,
    request: (n) => ({ method: 'PUT', path: `${SETTINGS}?dryRun=true`, body: { n } }),
  },
  'restores of a large document': {
    at: 16,
    request: (n) => ({ method: 'POST', path: `${OWN_SETTINGS}/versions/${(n % 9) + 1}/restore` }),
  },
  'versions by the hundred': { at: 24, request: () => ({ path: `${SETTINGS}/versions?limit=100` }) },
  'deletions with a megabyte of dots': {
    at: 16,
    request: () => ({ method: 'DELETE', path: SETTINGS, text: DOTS }),
  },
  'bodies of a megabyte that are no JSON': {
    at: 16,
    request: () => ({ method: 'PUT', path: SETTINGS, text: BRACKETS }),
  },
  'bodies of a megabyte of nested arrays': {
    at: 16,
    request: () => ({ method: 'PUT', path: SETTINGS, text: NESTED }),
  },
  'changes that a precondition refuses': {
    at: 24,
    request: () => ({ method: 'PUT', path: SETTINGS, body: { a: 1 }, headers: { 'If-Match': '"1-x"' } }),
  },
  'requests without a token': { at: 64, request: () => ({ path: SETTINGS, isAnonymous: true }) },
  'reads of an own large document': { at: 24, isShort: true, request: () => ({ path: SETTINGS }) },
  'long work of all kinds, as colleagues see it': {
    at: 60,
    isShort: true,
    colleagues: true,
    request: (n, { memberId }) =>
      [
        { method: 'PATCH', path: SETTINGS, type: MERGE_PATCH, body: { [`key${n % 100}`]: `a${n}` } },
        { method: 'PUT', path: `/user/${memberId}`, body: { name: `Member ${n}` } },
        { method: 'POST', path: '/systemevent', body: { skip: 0, take: 100 } },
        { path: `${SETTINGS}/versions?limit=100` },
      ][n % 4],
  },
  'changes of members, as colleagues see it': {
    at: 60,
    colleagues: true,
    request: (n, { memberId }) => ({ method: 'PUT', path: `/user/${memberId}`, body: { name: `Member ${n}` } }),
  },
  'the list of members': { at: 24, request: () => ({ path: '/organization/users' }) },
  'events that are marked as read': {
    at: 40,
    request: (n, { eventIds }) => ({
      method: 'POST',
      path: '/systemevent/read',
      body: { id: eventIds[n % eventIds.length] },
    }),
  },
  'streams that are opened and left': { at: 64, request: () => ({ path: '/settings/stream', isLeft: true }) },
};

/** A service account that has much to do in the organizations of the others, and does as `Retry-After` says. */
export const HONEST = {
  'a dashboard: 500 reads a second': { at: 32, perSecond: 500, ofEach: true, request: () => ({ path: SETTINGS }) },
  'an import: a document for each organization': {
    at: 16,
    ofEach: true,
    request: (n) => ({ method: 'POST', path: SETTINGS, body: { settings: { imported: n } } }),
  },
  'a migration: a merge patch of each document': {
    at: 16,
    ofEach: true,
    request: (n) => ({ method: 'PATCH', path: SETTINGS, type: MERGE_PATCH, body: { migrated: n } }),
  },
};
