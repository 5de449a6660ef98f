import { describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../json/value.js';
import type { Effective } from './effective.js';

// The client looks for its configuration in a page.
vi.stubGlobal('document', { querySelector: () => null });
vi.stubGlobal('location', { origin: 'http://127.0.0.1', pathname: '/console', hash: '' });
const { isIgnored, lockOver } = await import('./effective.js');

const effective = (parts: Partial<Effective>): Effective => ({
  settings: {},
  reasons: {},
  locks: {},
  saved: {},
  ...parts,
});

describe('a lock', () => {
  const locks = { '/security': { reason: 'SOC 2' }, '/security/deep/er': {} };

  it.each([
    [['security'], 'SOC 2'],
    [['security', 'other'], 'SOC 2'],
    [['security', 'deep', 'er', 'still'], undefined],
  ])('of the organization is over what is below it, though nothing of that applies: %j', (path, reason) => {
    expect(lockOver(effective({ locks }), 'user', path)).toStrictEqual({
      by: 'organization',
      ...(reason !== undefined && { reason }),
    });
    expect(lockOver(effective({ locks }), 'organization', path)).toBeUndefined();
  });

  it.each([[['securityOfficer']], [[]], [['other', 'security']]])('is over nothing else: %j', (path) => {
    expect(lockOver(effective({ locks }), 'user', path)).toBeUndefined();
  });

  it('of the system is over what is below a value that applies', () => {
    const locked = { by: 'system' } as const;
    const reasons = { '/a': { from: 'system', version: 1, at: null, locked } } as const;
    expect(lockOver(effective({ reasons }), 'organization', ['a', 'b'])).toBe(locked);
  });
});

describe('a value of a document', () => {
  const applies = (saved: JsonObject, settings: JsonObject, ...path: string[]) =>
    !isIgnored(effective({ saved, settings }), path);

  it('does not apply where nothing is in its place', () => {
    expect(applies({ security: { other: 1 } }, {}, 'security', 'other')).toBe(false);
    expect(applies({ security: { other: 1 } }, { security: 1 }, 'security', 'other')).toBe(false);
    expect(applies({ a: [] }, {}, 'a')).toBe(false);
  });

  it('applies, or something in its place does, otherwise', () => {
    expect(applies({ a: 1 }, { a: 2 }, 'a')).toBe(true);
    expect(applies({ a: null }, { a: null }, 'a')).toBe(true);
  });

  it('is not said to be ignored while it is not saved, as part of a list, and as a group', () => {
    expect(applies({}, {}, 'typed')).toBe(true);
    expect(applies({ a: [1, { b: 2 }] }, { a: [] }, 'a', '1', 'b')).toBe(true);
    expect(applies({ a: { b: 1 } }, {}, 'a')).toBe(true);
  });
});
