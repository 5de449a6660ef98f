import { describe, expect, it } from 'vitest';
import { type Given, settingsOf } from '../../test/support/layered-settings.js';
import { readMembers, writeTree } from '../common/json/json-tree.js';
import { effectiveSettings, type Leaf, overriddenAt } from './fold.js';

const effective = (given: Given): unknown => JSON.parse(writeTree(effectiveSettings(settingsOf(given))));

/** The leaves of the effective settings: the pointer, the value, from where, and whose lock. */
function leavesOf(given: Given) {
  const leaves: Leaf[] = [];
  effectiveSettings(settingsOf(given), (leaf) => leaves.push(leaf));
  return leaves.map(({ steps, source, lock, value }) => [`/${steps.join('/')}`, writeTree(value), source, lock?.by]);
}

const withDefaults = (properties: object) => ({ type: 'object', properties });

describe('the effective settings', () => {
  it.each<[string, Given, object]>([
    ['nothing at all', {}, {}],
    ['one layer', { organization: { a: 1 } }, { a: 1 }],
    ['the nearest layer', { system: { a: 1 }, organization: { a: 2 }, user: { a: 3 } }, { a: 3 }],
    ['objects that merge', { organization: { a: { b: 1, c: 1 } }, user: { a: { b: 2 } } }, { a: { b: 2, c: 1 } }],
    ['an array as a leaf', { organization: { a: [1, 2] }, user: { a: [3] } }, { a: [3] }],
    ['null as a value', { organization: { a: 1 }, user: { a: null } }, { a: null }],
    ['a scalar before an object', { organization: { a: { b: 1 } }, user: { a: 2 } }, { a: 2 }],
    ['an object before a scalar', { organization: { a: 2 }, user: { a: { b: 1 } } }, { a: { b: 1 } }],
    ['an object behind a scalar', { system: { a: { c: 1 } }, organization: { a: 2 }, user: { a: {} } }, { a: {} }],
    ['an empty object before a full one', { organization: { a: { b: 1 } }, user: { a: {} } }, { a: { b: 1 } }],
    [
      'a lock of the organization',
      { organization: { a: 1, b: 1 }, user: { a: 2, b: 2 }, organizationPolicy: { locks: { '/a': {} } } },
      { a: 1, b: 2 },
    ],
    [
      'a lock of the organization over a value of the system',
      { system: { a: 1 }, user: { a: 2 }, organizationPolicy: { locks: { '/a': {} } } },
      { a: 1 },
    ],
    [
      'a lock of the system',
      { system: { a: 1 }, organization: { a: 2 }, user: { a: 3 }, systemPolicy: { locks: { '/a': {} } } },
      { a: 1 },
    ],
    [
      'a lock of the system without a value',
      { organization: { a: 2 }, user: { a: { b: 3 }, c: 1 }, systemPolicy: { locks: { '/a': {} } } },
      { c: 1 },
    ],
    [
      'a locked value below a scalar',
      { organization: { a: { b: 1, c: 2 } }, user: { a: 3 }, organizationPolicy: { locks: { '/a/b': {} } } },
      { a: { b: 1, c: 2 } },
    ],
    [
      'a lock without a value below a scalar',
      { organization: { a: { c: 2 } }, user: { a: 3 }, organizationPolicy: { locks: { '/a/b': {} } } },
      { a: 3 },
    ],
    [
      'an object of which nothing is left under locks',
      { system: { a: 5 }, organization: { a: { b: 1 } }, user: {}, systemPolicy: { locks: { '/a/b': {} } } },
      { a: 5 },
    ],
    [
      'defaults, the nearest first',
      {
        user: { d: 4 },
        organizationPolicy: { schema: { user: withDefaults({ a: { default: 1 }, d: { default: 1 } }) } },
        systemPolicy: {
          schema: {
            user: withDefaults({ a: { default: 2 }, b: { default: 2 } }),
            organization: withDefaults({ a: { default: 3 }, b: { default: 3 }, c: { default: 3 } }),
          },
        },
      },
      { a: 1, b: 2, c: 3, d: 4 },
    ],
    [
      'no defaults for users among the settings of the organization',
      {
        organization: {},
        systemPolicy: {
          schema: { user: withDefaults({ a: { default: 2 } }), organization: withDefaults({ b: { default: 3 } }) },
        },
      },
      { b: 3 },
    ],
    [
      "no default of an organization's under a lock of the system",
      {
        user: {},
        organizationPolicy: { schema: { user: withDefaults({ a: { default: 1 } }) } },
        systemPolicy: { locks: { '/a': {} }, schema: { user: withDefaults({ a: { default: 2 } }) } },
      },
      { a: 2 },
    ],
    [
      'readOnly of the system as a lock',
      { system: { a: 1 }, user: { a: 2 }, systemPolicy: { schema: { user: withDefaults({ a: { readOnly: true } }) } } },
      { a: 1 },
    ],
    [
      'readOnly of the organization as a note',
      {
        organization: { a: 1 },
        user: { a: 2 },
        organizationPolicy: { schema: { user: withDefaults({ a: { readOnly: true } }) } },
      },
      { a: 2 },
    ],
    [
      'the default of an object before those of its properties',
      {
        user: {},
        systemPolicy: {
          schema: {
            user: withDefaults({
              a: { default: { b: 1 }, properties: { b: { default: 2 }, c: { default: 2 } } },
            }),
          },
        },
      },
      { a: { b: 1, c: 2 } },
    ],
    [
      'a lock with escaped names',
      {
        organization: { 'a/b': { '~': 1 } },
        user: { 'a/b': { '~': 2 } },
        organizationPolicy: { locks: { '/a~1b/~0': {} } },
      },
      { 'a/b': { '~': 1 } },
    ],
  ])('have %s', (_, given, expected) => {
    expect(effective(given)).toStrictEqual(expected);
  });

  it('keep every digit', () => {
    const documents = {
      user: readMembers('{"a": 12345678901234567890.10, "b": [1e400]}'),
      organization: readMembers('{"c": 0.10}'),
    };
    expect(writeTree(effectiveSettings({ documents, policies: {} }))).toBe(
      '{"a": 12345678901234567890.10, "b": [1e400], "c": 0.10}',
    );
  });

  it('tell from where each leaf is, and whose lock it is under', () => {
    const given: Given = {
      system: { a: 1, s: { t: 1 } },
      organization: { a: 2, b: { c: 2 }, s: 3 },
      user: { b: { c: 3, d: 3 }, e: {} },
      organizationPolicy: { locks: { '/b/c': {}, '/a': {} } },
      systemPolicy: { locks: { '/s': {} }, schema: { user: withDefaults({ f: { default: 4 } }) } },
    };
    expect(leavesOf(given).sort()).toStrictEqual([
      ['/a', '2', 'organization', 'organization'],
      ['/b/c', '2', 'organization', 'organization'],
      ['/b/d', '3', 'user', undefined],
      ['/e', '{}', 'user', undefined],
      ['/f', '4', 'system-default', undefined],
      ['/s/t', '1', 'system', 'system'],
    ]);
  });

  it('tell which layers were overridden, by a value or by what stands in its way', () => {
    const settings = settingsOf({
      system: { a: { b: 1 } },
      organization: { a: { b: 2 } },
      user: { a: 3 },
      organizationPolicy: { locks: { '/a/b': {} } },
    });
    const leaves: Leaf[] = [];
    effectiveSettings(settings, (leaf) => leaves.push(leaf));
    expect(leaves.map((leaf) => overriddenAt(leaf, settings))).toStrictEqual([
      [
        { layer: 'user', value: '3' },
        { layer: 'system', value: '1' },
      ],
    ]);
  });
});
