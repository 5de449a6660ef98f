import type { ValidateFunction } from 'ajv';
import { escapeStep, isJsonObject, stepsOf } from '../common/json/json-text.js';
import { isSameValue, type JsonTree, lookUp, readMembers } from '../common/json/json-tree.js';
import { effectiveSettings, type LayeredSettings } from './fold.js';
import { type LockNode, type Policy, readPolicy } from './policy.js';

/** The texts of a layer's documents. */
export interface LayerTexts {
  readonly settings: string;
  readonly policy: string;
}

/** Some members of one organization, and its documents before and after a change. */
export interface ImpactGroup {
  readonly before: LayerTexts;
  readonly after: LayerTexts;
  /** Whether the organization's own settings are to be checked: in one of several groups. */
  readonly isFirst: boolean;
  /** The texts of users' settings, each with how many users have it. */
  readonly users: readonly (readonly [text: string, count: number])[];
}

export interface ImpactQuestion {
  /** The system's documents. */
  readonly before: LayerTexts;
  readonly after: LayerTexts;
  readonly groups: readonly ImpactGroup[];
}

/** A rule that stored documents break. */
export interface BrokenExample {
  readonly pointer: string;
  readonly rule: string;
}

export interface Impact {
  /** For how many users something changes. */
  readonly changed: number;
  /** Where, and for how many: JSON Pointers (RFC 6901). */
  readonly paths: readonly (readonly [pointer: string, count: number])[];
  /** How many stored documents break a schema of the policy that is changed. */
  readonly broken: number;
  readonly examples: readonly BrokenExample[];
}

/** Of how many places it is counted for whom they change; those beyond count in `changed` alone. */
const MAX_PATHS = 1_000;

const MAX_EXAMPLES = 10;

/**
 * Works out whom a change touches. Of a user's own document only names come out that documents of the organization or
 * the system, their policies or their schemas have too.
 *
 * @param check the schemas of the policy that is changed, for documents of organizations and of users
 */
export function impactOf(
  { before, after, groups }: ImpactQuestion,
  check: { readonly organization?: SchemaCheck | undefined; readonly user?: SchemaCheck | undefined },
): Impact {
  let changed = 0;
  let broken = 0;
  const paths = new Map<string, number>();
  const examples = new Map<string, BrokenExample>();
  const judge = (schema: SchemaCheck | undefined, document: string) => {
    const found = document === '{}' ? [] : (schema?.(document) ?? []);
    for (const example of found.slice(0, MAX_EXAMPLES)) {
      if (examples.size < MAX_EXAMPLES) examples.set(`${example.pointer} ${example.rule}`, example);
    }
    return found.length > 0 ? 1 : 0;
  };
  const system = { before: layerOf(before, 'system'), after: layerOf(after, 'system') };
  for (const group of groups) {
    const layersOf = (when: 'before' | 'after'): LayeredSettings => {
      const organization = layerOf(group[when], 'organization');
      return {
        documents: { system: system[when].settings, organization: organization.settings },
        policies: { system: system[when].policy, organization: organization.policy },
      };
    };
    const layers = { before: layersOf('before'), after: layersOf('after') };
    const known = knownPlaces([layers.before, layers.after]);
    if (group.isFirst) broken += judge(check.organization, group.after.settings);
    for (const [text, count] of group.users) {
      broken += judge(check.user, text) * count;
      const user = readMembers(text);
      const [was, is] = [layers.before, layers.after].map((of) =>
        effectiveSettings({ ...of, documents: { ...of.documents, user } }),
      );
      const places = new Set<string>();
      collectChanges(was, is, [], (steps) => places.add(known(steps)));
      if (places.size === 0) continue;
      changed += count;
      for (const place of places) {
        const already = paths.get(place);
        if (already !== undefined || paths.size < MAX_PATHS) paths.set(place, (already ?? 0) + count);
      }
    }
  }
  return { changed, paths: [...paths], broken, examples: [...examples.values()] };
}

/** @returns the rules that a document breaks */
export type SchemaCheck = (document: string) => readonly BrokenExample[];

/** @param schema the text of the schema, which has the names that an example may have */
export function schemaCheck(validate: ValidateFunction, schema: string): SchemaCheck {
  const declared = JSON.parse(schema) as unknown;
  return (document) => {
    if (validate(JSON.parse(document))) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => ({
      pointer: declaredPart(declared, instancePath),
      rule: message ?? 'is not allowed',
    }));
  };
}

/** A pointer as far as the schema itself has the names in it. */
function declaredPart(schema: unknown, pointer: string): string {
  let part = '';
  let at = schema;
  for (const step of stepsOf(pointer)) {
    const properties = isJsonObject(at) ? at.properties : undefined;
    if (!isJsonObject(properties) || !Object.hasOwn(properties, step)) return part;
    part += `/${escapeStep(step)}`;
    at = properties[step];
  }
  return part;
}

function layerOf({ settings, policy }: LayerTexts, by: 'system' | 'organization') {
  return { settings: readMembers(settings), policy: policy === '{}' ? undefined : readPolicy(policy, by) };
}

/** Calls for each leaf that is not the same in both. */
function collectChanges(
  was: JsonTree | undefined,
  is: JsonTree | undefined,
  steps: readonly string[],
  found: (steps: readonly string[]) => void,
): void {
  const members = (tree: JsonTree | undefined) => (typeof tree === 'object' ? tree : undefined);
  const [before, after] = [members(was), members(is)];
  const isLeaf = (tree: JsonTree | undefined) =>
    typeof tree === 'string' || (members(tree)?.size === 0 && steps.length > 0);
  if ((isLeaf(was) || isLeaf(is)) && !(was !== undefined && is !== undefined && isSameValue(was, is))) found(steps);
  for (const name of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    collectChanges(before?.get(name), after?.get(name), [...steps, name], found);
  }
}

/** The pointer to a place, as far as a layer above the user's has the names in it. */
function knownPlaces(layers: readonly LayeredSettings[]): (steps: readonly string[]) => string {
  const trees: JsonTree[] = [];
  const locks: LockNode[] = [];
  for (const { documents, policies } of layers) {
    for (const tree of [documents.system, documents.organization]) if (tree !== undefined) trees.push(tree);
    for (const policy of [policies.system, policies.organization]) {
      if (policy === undefined) continue;
      locks.push(policy.lockTree);
      trees.push(...defaultsOf(policy));
    }
  }
  return (steps) => {
    let depth = 0;
    const isKnown = (length: number) => {
      const part = steps.slice(0, length);
      return trees.some((tree) => lookUp(tree, part)?.depth === length) || locks.some((node) => hasLockAt(node, part));
    };
    while (depth < steps.length && isKnown(depth + 1)) depth++;
    return steps
      .slice(0, depth)
      .map((step) => `/${escapeStep(step)}`)
      .join('');
  };
}

function hasLockAt(root: LockNode, steps: readonly string[]): boolean {
  let node: LockNode | undefined = root;
  for (const step of steps) node = node?.children?.get(step);
  return node !== undefined;
}

function defaultsOf({ defaults }: Policy): JsonTree[] {
  return [defaults.organization, defaults.user].filter((tree) => tree !== undefined);
}
