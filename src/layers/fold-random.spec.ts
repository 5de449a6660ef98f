import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Given, settingsOf } from '../../test/support/layered-settings.js';
import { type JsonTree, writeTree } from '../common/json/json-tree.js';
import { effectiveSettings } from './fold.js';

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
