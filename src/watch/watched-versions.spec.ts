import { expect, it } from 'vitest';
import type { DocumentVersion } from '../history/change-feed.js';
import { isNewer, WatchedVersions } from './watched-versions.js';

const settings = (version: string, ownerId = 'acme'): DocumentVersion => ({
  document: 'organization-settings',
  ownerId,
  version,
});

/** What a listener was told. */
function watch(versions: WatchedVersions, ownerId = 'acme') {
  const told: string[] = [];
  const end = versions.subscribe('organization', ownerId, ({ version }) => told.push(version));
  return { told, end };
}

it('compares versions of any length', () => {
  expect(isNewer('10', '9')).toBe(true);
  expect(isNewer('9', '10')).toBe(false);
  expect(isNewer('9', '9')).toBe(false);
  expect(isNewer('9007199254740993', '9007199254740992')).toBe(true);
});

it('tells each newer version once, wherever it comes from, and never an older one', () => {
  const versions = new WatchedVersions();
  const { told } = watch(versions);
  for (const [version, source] of [
    ['3', 'poll'],
    ['5', 'own'],
    ['4', 'poll'],
    ['5', 'poll'],
    ['6', 'poll'],
    ['6', 'own'],
  ] as const) {
    versions.tell(settings(version), source, 0);
  }
  expect(told).toStrictEqual(['3', '5', '6']);
});

it('tells those who watch the owner, until they end it', () => {
  const versions = new WatchedVersions();
  const [first, second, other] = [watch(versions), watch(versions), watch(versions, 'umbrella')];
  versions.tell(settings('1'), 'own', 0);
  first.end();
  first.end();
  versions.tell(settings('2'), 'own', 0);
  expect([first.told, second.told, other.told]).toStrictEqual([['1'], ['1', '2'], []]);
});

it('remembers what was made here before somebody watched', () => {
  const versions = new WatchedVersions();
  versions.tell(settings('7'), 'own', 0);
  versions.tell(settings('8', 'umbrella'), 'poll', 0);
  expect(versions.newest('organization-settings', 'acme')).toBe('7');
  expect(versions.newest('organization-settings', 'umbrella')).toBeUndefined();
  watch(versions);
  versions.tell(settings('9'), 'poll', 0);
  expect(versions.newest('organization-settings', 'acme')).toBe('9');
});

it('lists whose documents are watched', () => {
  const versions = new WatchedVersions();
  expect(versions.watchedIds('organization')).toBeUndefined();
  const first = watch(versions, 'a');
  const again = watch(versions, 'a');
  const second = watch(versions, 'b');
  expect(versions.watchedIds('organization')).toBe('{"a","b"}');
  first.end();
  second.end();
  expect(versions.watchedIds('organization')).toBe('{"a"}');
  again.end();
  expect(versions.watchedIds('organization')).toBeUndefined();
  expect(versions.watchedIds('user')).toBeUndefined();
});
