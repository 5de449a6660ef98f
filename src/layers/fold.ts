import { type JsonMembers, type JsonTree, lookUp } from '../common/json/json-tree.js';
import { type Layer, LAYERS, type Lock, type LockNode, type Policy } from './policy.js';

/** The documents and policies that settings follow from. */
export interface LayeredSettings {
  /** Absent for a layer that has no part: for the user, where the organization's settings are asked for. */
  readonly documents: Readonly<Partial<Record<Layer, JsonMembers>>>;
  readonly policies: { readonly system?: Policy | undefined; readonly organization?: Policy | undefined };
}

/** From where a value is: a document, or the `default` of a schema in a policy. */
export type Source = Layer | 'organization-default' | 'system-default';

/** A leaf of the effective settings. Arrays and scalars are leaves, and so is an object without members. */
export interface Leaf {
  readonly steps: readonly string[];
  readonly source: Source;
  readonly lock: Lock | undefined;
  readonly value: JsonTree;
}

type LeafListener = (leaf: Leaf) => void;

/** A value at one place, and from where it is. */
interface Candidate {
  readonly source: Source;
  readonly value: JsonTree;
}

/** The locks of each policy that has any at one place or below it, the system's first. */
type Locks = readonly LockNode[];

const EMPTY: JsonMembers = new Map<string, JsonTree>();

/**
 * The settings that apply.
 *
 * 1. A value under a lock counts only in the layer of the lock and those above it; elsewhere it counts as absent, also
 *    in the defaults of an organization's schema under a lock of the system.
 * 2. What stands above a value that is under a lock, in the place of an object, counts as absent. So what is locked
 *    depends on no layer below the lock.
 * 3. Of the values that are left the nearest decides: user, organization, system, then the defaults of schemas: the
 *    organization's for users, the system's for users, the system's for organizations. Objects merge. Between an object
 *    and anything else the nearer wins as a whole.
 *
 * @param onLeaf is told of each leaf
 */
export function effectiveSettings(settings: LayeredSettings, onLeaf?: LeafListener): JsonMembers {
  const { system, organization } = settings.policies;
  const locks = [system, organization].flatMap((policy) => policy?.lockTree ?? []).filter(hasLocks);
  const tree = fold(candidatesOf(settings), locks, { onLeaf, lock: undefined, steps: [] });
  return typeof tree === 'object' ? tree : EMPTY;
}

/** The nearest first, each without what does not count. */
function candidatesOf({ documents, policies: { system, organization } }: LayeredSettings): Candidate[] {
  const isOfUser = documents.user !== undefined;
  const bySystem = (value: JsonTree | undefined) => without(value, system?.lockTree);
  const candidates: [Source, JsonTree | undefined][] = [
    ['user', without(bySystem(documents.user), organization?.lockTree)],
    ['organization', bySystem(documents.organization)],
    ['system', documents.system],
    ['organization-default', isOfUser ? bySystem(organization?.defaults.user) : undefined],
    ['system-default', isOfUser ? system?.defaults.user : undefined],
    ['system-default', system?.defaults.organization],
  ];
  return candidates.flatMap(([source, value]) =>
    typeof value === 'object' && value.size > 0 ? [{ source, value }] : [],
  );
}

function hasLocks({ lock, children }: LockNode): boolean {
  return lock !== undefined || children !== undefined;
}

/** A value without what is under locks; `undefined` where nothing is left. */
function without(value: JsonTree | undefined, locks: LockNode | undefined): JsonTree | undefined {
  if (value === undefined || locks === undefined) return value;
  if (locks.lock !== undefined) return undefined;
  if (typeof value === 'string' || locks.children === undefined) return value;
  let left: Map<string, JsonTree> | undefined;
  for (const [name, below] of locks.children) {
    const member = value.get(name);
    const kept = without(member, below);
    if (kept === member) continue;
    left ??= new Map(value);
    if (kept === undefined) left.delete(name);
    else left.set(name, kept);
  }
  return left?.size === 0 ? undefined : (left ?? value);
}

interface Place {
  readonly onLeaf: LeafListener | undefined;
  /** The lock that the place is under; one of the system counts before one of the organization. */
  readonly lock: Lock | undefined;
  /** How to come there; kept only for a listener. */
  readonly steps: readonly string[];
}

/**
 * @param candidates the values at one place, the nearest first; at least one
 * @param given the locks there; those of the organization under one of the system lock nothing
 */
function fold(candidates: readonly Candidate[], given: Locks, above: Place): JsonTree {
  const lock = lockAt(given);
  const locks = lock?.by === 'system' ? given.slice(0, 1) : given;
  const place = lock === undefined ? above : { ...above, lock };
  const firstLeaf = candidates.findIndex(({ value }) => typeof value === 'string');
  if (firstLeaf < 0) return merge(candidates, locks, place);
  if (hasLockedValue(candidates, locks)) {
    return merge(
      candidates.filter(({ value }) => typeof value === 'object'),
      locks,
      place,
    );
  }
  return firstLeaf === 0 ? leaf(candidates[0]!, place) : merge(candidates.slice(0, firstLeaf), locks, place);
}

function merge(objects: readonly Candidate[], locks: Locks, place: Place): JsonTree {
  const [nearest] = objects;
  if (nearest === undefined) return EMPTY;
  if (objects.length === 1 && locks.length === 0 && place.onLeaf === undefined) return nearest.value;
  const members = new Map<string, JsonTree>();
  for (const { source, value } of objects) {
    if (typeof value === 'string') continue;
    for (const [name, member] of value) {
      if (members.has(name)) continue;
      const inner = placeBelow(place, name);
      const locksBelow = below(locks, name);
      const isDecided = typeof member === 'string' && locksBelow.length === 0;
      members.set(
        name,
        isDecided ? leaf({ source, value: member }, inner) : fold(valuesOf(name, objects), locksBelow, inner),
      );
    }
  }
  return members.size > 0 ? members : leaf(nearest, place);
}

function placeBelow(place: Place, name: string): Place {
  return place.onLeaf === undefined ? place : { ...place, steps: [...place.steps, name] };
}

function leaf({ source, value }: Candidate, { onLeaf, lock, steps }: Place): JsonTree {
  onLeaf?.({ steps, source, lock, value });
  return value;
}

/** What candidates have under a name, the nearest first. */
function valuesOf(name: string, candidates: readonly Candidate[]): Candidate[] {
  const values: Candidate[] = [];
  for (const { source, value } of candidates) {
    const member = typeof value === 'object' ? value.get(name) : undefined;
    if (member !== undefined) values.push({ source, value: member });
  }
  return values;
}

/** Whether there is a value at a lock below this place. */
function hasLockedValue(candidates: readonly Candidate[], locks: Locks): boolean {
  const names = new Set(locks.flatMap(({ children }) => [...(children?.keys() ?? [])]));
  for (const name of names) {
    const inner = valuesOf(name, candidates);
    if (inner.length === 0) continue;
    const nodes = below(locks, name);
    if (lockAt(nodes) !== undefined || hasLockedValue(inner, nodes)) return true;
  }
  return false;
}

function below(locks: Locks, name: string): Locks {
  return locks.length === 0 ? locks : locks.flatMap(({ children }) => children?.get(name) ?? []);
}

function lockAt(locks: Locks): Lock | undefined {
  return locks.find(({ lock }) => lock !== undefined)?.lock;
}

/** The layers whose documents say something else at a leaf than what applies, the nearest first. */
export function overriddenAt(
  { steps, source }: Leaf,
  { documents }: LayeredSettings,
): { readonly layer: Layer; readonly value: JsonTree }[] {
  return [...LAYERS].reverse().flatMap((layer) => {
    const document = documents[layer];
    if (layer === source || document === undefined) return [];
    const found = lookUp(document, steps);
    return found === undefined ? [] : [{ layer, value: found.value }];
  });
}
