import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonTree, readMembers, writeTree } from '../common/json/json-tree.js';
import { effectiveSettings, type LayeredSettings, type Leaf, overriddenAt } from './fold.js';
import { type PolicyLayer, readPolicy } from './policy.js';

interface Given {
  readonly system?: object;
  readonly organization?: object;
  /** Absent: the settings of the organization are asked for. */
  readonly user?: object;
  readonly systemPolicy?: object;
  readonly organizationPolicy?: object;
}

function settingsOf(given: Given): LayeredSettings {
  const documentOf = (document: object | undefined) => document && readMembers(JSON.stringify(document));
  const policyOf = (policy: object | undefined, by: PolicyLayer) => policy && readPolicy(JSON.stringify(policy), by);
  return {
    documents: {
      system: documentOf(given.system),
      organization: documentOf(given.organization),
      user: documentOf(given.user),
    },
    policies: {
      system: policyOf(given.systemPolicy, 'system'),
      organization: policyOf(given.organizationPolicy, 'organization'),
    },
  };
}

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

/** The leaves of a document by their steps, joined with a character that no name has. */
type Leaves = Map<string, string>;

const STEP = '\n';

function leavesIn(tree: JsonTree | undefined, path = '', into: Leaves = new Map()): Leaves {
  if (tree === undefined || (typeof tree === 'string' && path === '')) return into;
  if (typeof tree === 'string' || (tree.size === 0 && path !== '')) return into.set(path, writeTree(tree));
  for (const [name, member] of tree) leavesIn(member, `${path}${STEP}${name}`, into);
  return into;
}

const isAt = (path: string, root: string) => path === root || path.startsWith(`${root}${STEP}`);
const isAbove = (path: string, root: string) => root.startsWith(`${path}${STEP}`);

/** The same by another way: every document as a list of its leaves, and no tree. */
function model(given: Given): Leaves {
  const { documents, policies } = settingsOf(given);
  const pathsOf = (policy: (typeof policies)['system']) =>
    (policy?.locks ?? []).map(({ pointer }) =>
      pointer
        .split('/')
        .slice(1)
        .map((step) => STEP + step.replaceAll('~1', '/').replaceAll('~0', '~'))
        .join(''),
    );
  const ofSystem = pathsOf(policies.system);
  const ofOrganization = pathsOf(policies.organization).filter((path) => !ofSystem.some((lock) => isAt(path, lock)));
  const drop = (leaves: Leaves, locks: string[]) =>
    new Map([...leaves].filter(([path]) => !locks.some((lock) => isAt(path, lock))));
  const isOfUser = documents.user !== undefined;
  const farthestFirst: Leaves[] = [
    leavesIn(policies.system?.defaults.organization),
    leavesIn(isOfUser ? policies.system?.defaults.user : undefined),
    drop(leavesIn(isOfUser ? policies.organization?.defaults.user : undefined), ofSystem),
    leavesIn(documents.system),
    drop(leavesIn(documents.organization), ofSystem),
    drop(leavesIn(documents.user), [...ofSystem, ...ofOrganization]),
  ];
  const valued = [...ofSystem, ...ofOrganization].filter((lock) =>
    farthestFirst.some((leaves) => [...leaves.keys()].some((path) => isAt(path, lock))),
  );
  const result: Leaves = new Map();
  for (const leaves of farthestFirst) {
    for (const [path, value] of leaves) {
      if (valued.some((lock) => isAbove(path, lock))) continue;
      const isEmpty = value === '{}';
      for (const [other, beneath] of [...result]) {
        if (isAbove(other, path)) result.delete(other);
        if (!isEmpty && isAbove(path, other)) result.delete(other);
        if (isEmpty && other === path && beneath !== '{}') result.delete(other);
      }
      if (!isEmpty || ![...result.keys()].some((other) => isAbove(path, other))) result.set(path, value);
    }
  }
  return result;
}

describe('random layers', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const { document } = fc.letrec<{ document: object; value: unknown }>((tie) => ({
    document: fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    value: fc.oneof(
      { maxDepth: 3 },
      { weight: 2, arbitrary: fc.constantFrom<unknown[]>(0, 1, null, 'x', [], [{ a: 1 }]) },
      { weight: 3, arbitrary: tie('document') },
    ),
  }));
  const { schema } = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.record(
      {
        default: fc.oneof(fc.constantFrom<unknown[]>(7, 8, {}, { a: 9 }), document),
        readOnly: fc.boolean(),
        properties: fc.dictionary(name, tie('schema'), { maxKeys: 2, depthIdentifier: 'schema' }),
      },
      { requiredKeys: [] },
    ),
  }));
  const pointer = fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => `/${steps.join('/')}`);
  const locks = fc.dictionary(pointer, fc.constant({}), { maxKeys: 3 });
  const given = fc.record(
    {
      system: document,
      organization: document,
      user: document,
      systemPolicy: fc.record(
        {
          locks,
          schema: fc.record({ organization: schema, user: schema }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
      ),
      organizationPolicy: fc.record(
        { locks, schema: fc.record({ user: schema }, { requiredKeys: [] }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  it('fold as a model on lists of leaves does, and tell of the leaves that are there', () => {
    fc.assert(
      fc.property(given, (layers) => {
        const told: Leaves = new Map();
        const tree = effectiveSettings(settingsOf(layers), ({ steps, value }) =>
          told.set(steps.map((step) => STEP + step).join(''), writeTree(value)),
        );
        told.delete('');
        const expected = [...model(layers)].sort();
        expect([...leavesIn(tree)].sort()).toStrictEqual(expected);
        expect([...told].sort()).toStrictEqual(expected);
        expect(writeTree(effectiveSettings(settingsOf(layers)))).toBe(writeTree(tree));
      }),
      { numRuns: 10_000 },
    );
  });

  it('do not let a layer change what is locked above it', () => {
    const valueAt = (layers: Given, at: string) => {
      const leaves = [...leavesIn(effectiveSettings(settingsOf(layers)))];
      const path = at.replaceAll('/', STEP);
      return leaves.filter(([leaf]) => isAt(leaf, path)).sort();
    };
    fc.assert(
      fc.property(given, given, pointer, (layers, others, at) => {
        const lock = { locks: { [at]: {} } };
        const ofUser = { user: {}, ...layers, organizationPolicy: { ...layers.organizationPolicy, ...lock } };
        expect(valueAt({ ...ofUser, user: others.user ?? {} }, at)).toStrictEqual(valueAt(ofUser, at));
        const ofAll = { user: {}, ...layers, systemPolicy: { ...layers.systemPolicy, ...lock } };
        const { organization, user = {}, organizationPolicy } = others;
        expect(valueAt({ ...ofAll, organization, user, organizationPolicy }, at)).toStrictEqual(valueAt(ofAll, at));
      }),
      { numRuns: 3_000 },
    );
  });
});
