import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type JsonTree, readMembers, writeTree } from '../common/json/json-tree.js';
import { effectiveSettings } from './fold.js';
import { impactOf } from './impact.js';
import { readPolicy } from './policy.js';

const name = fc.constantFrom('a', 'b', 'c');
const { document } = fc.letrec<{ document: object; value: unknown }>((tie) => ({
  document: fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  value: fc.oneof({ maxDepth: 2 }, fc.constantFrom<unknown[]>(0, 1, null, [], [1]), tie('document')),
}));
const pointer = fc.array(name, { minLength: 1, maxLength: 2 }).map((steps) => `/${steps.join('/')}`);
const layer = fc.record({
  settings: document.map((one) => JSON.stringify(one)),
  policy: fc.dictionary(pointer, fc.constant({}), { maxKeys: 2 }).map((locks) => JSON.stringify({ locks })),
});

/** Each leaf as a line. */
function lines(tree: JsonTree, path = ''): string[] {
  if (typeof tree === 'string' || tree.size === 0) return path === '' ? [] : [`${path} ${writeTree(tree)}`];
  return [...tree].flatMap(([member, value]) => lines(value, `${path}/${member}`));
}

it('counts the users whose leaves differ, and in which places, as comparing them one by one does', () => {
  fc.assert(
    fc.property(
      fc.record({ system: layer, organization: layer, after: layer, users: fc.array(document, { maxLength: 5 }) }),
      ({ system, organization, after, users }) => {
        const texts = users.map((user) => JSON.stringify(user));
        const group = { before: organization, after, isFirst: true, users: texts.map((text) => [text, 1] as const) };
        const impact = impactOf({ before: system, after: system, groups: [group] }, {});
        const leaves = (of: typeof organization, text: string) => {
          const policies = {
            system: readPolicy(system.policy, 'system'),
            organization: readPolicy(of.policy, 'organization'),
          };
          const documents = {
            system: readMembers(system.settings),
            organization: readMembers(of.settings),
            user: readMembers(text),
          };
          return lines(effectiveSettings({ documents, policies }));
        };
        const differing = texts.map((text) => {
          const [was, is] = [leaves(organization, text), leaves(after, text)];
          return [...was.filter((line) => !is.includes(line)), ...is.filter((line) => !was.includes(line))];
        });
        expect(impact.changed).toBe(differing.filter((some) => some.length > 0).length);
        const places = new Set(differing.flat().map((line) => line.split(' ', 1)[0]!));
        for (const [path, count] of impact.paths) {
          // A place is told as far as layers above the user's have its names.
          expect([...places].some((place) => `${place}/`.startsWith(`${path}/`))).toBe(true);
          expect(count).toBeLessThanOrEqual(impact.changed);
        }
        for (const place of places) {
          expect(impact.paths.some(([path]) => `${place}/`.startsWith(`${path}/`))).toBe(true);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
