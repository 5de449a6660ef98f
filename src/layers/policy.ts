import { InvalidInputError } from '../common/errors/common.errors.js';
import { abbreviate, escapeStep, isJsonObject, memberText, stepsOf } from '../common/json/json-text.js';
import { type JsonTree, readTree } from '../common/json/json-tree.js';
import { unknownName } from '../common/validation/unknown-name.js';
import { MAX_POINTER_LENGTH, requireBoundedSchema } from './policy-schema.js';

/** The layers of settings, the nearest to the user last. */
export const LAYERS = ['system', 'organization', 'user'] as const;
export type Layer = (typeof LAYERS)[number];

/** The layers that have a policy. */
export type PolicyLayer = 'system' | 'organization';

/** The layers whose documents a schema is for. */
export type CheckedLayer = 'organization' | 'user';

const ENFORCEMENTS = ['off', 'warn', 'enforce'] as const;
export type Enforcement = (typeof ENFORCEMENTS)[number];

/** A setting that a policy fixes for the layers below, with all that is below it. */
export interface Lock {
  readonly by: PolicyLayer;
  /** RFC 6901 */
  readonly pointer: string;
  readonly reason?: string;
}

/** The locks of a policy by the steps of their pointers. */
export interface LockNode {
  lock?: Lock;
  children?: Map<string, LockNode>;
}

export interface Policy {
  readonly by: PolicyLayer;
  readonly enforcement: Enforcement;
  readonly locks: readonly Lock[];
  readonly lockTree: LockNode;
  /** The schemas' texts. */
  readonly schemas: Readonly<Partial<Record<CheckedLayer, string>>>;
  /** What the schemas give where no layer has a value. */
  readonly defaults: Readonly<Partial<Record<CheckedLayer, JsonTree>>>;
}

/** What a policy may have at most. */
const MAX_POLICY_BYTES = 128 * 1024;
const MAX_LOCKS = 1_000;
const MAX_REASON_LENGTH = 200;

/** The layers for which a policy may have a schema. */
const SCHEMAS: Record<PolicyLayer, readonly CheckedLayer[]> = {
  system: ['organization', 'user'],
  organization: ['user'],
};

/**
 * Reads a policy, without compiling its schemas.
 *
 * @param text a JSON object
 * @param by whose policy it is
 * @throws InvalidInputError names what is wrong by its JSON Pointer (RFC 6901)
 */
export function readPolicy(text: string, by: PolicyLayer): Policy {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_POLICY_BYTES) {
    throw new InvalidInputError(`the policy takes ${bytes} bytes, more than the ${MAX_POLICY_BYTES} allowed`);
  }
  const policy = JSON.parse(text) as Record<string, unknown>;
  requireMembers('', policy, ['locks', 'schema', 'enforcement']);
  const { locks = {}, schema = {}, enforcement = 'enforce' } = policy;
  if (!isEnforcement(enforcement)) throw wrong('/enforcement', `must be ${ENFORCEMENTS.join(', ')}`);
  if (!isJsonObject(schema)) throw wrong('/schema', 'must be an object');
  requireMembers('/schema', schema, SCHEMAS[by]);
  const given = readLocks(locks, by);
  const schemas: Partial<Record<CheckedLayer, string>> = {};
  const defaults: Partial<Record<CheckedLayer, JsonTree>> = {};
  for (const layer of SCHEMAS[by]) {
    if (schema[layer] === undefined) continue;
    requireBoundedSchema(schema[layer], `/schema/${layer}`);
    const schemaText = memberText(memberText(text, 'schema')!, layer)!;
    const tree = readTree(schemaText);
    schemas[layer] = schemaText;
    const value = defaultOf(tree);
    if (value !== undefined) defaults[layer] = value;
    if (by === 'system') addReadOnly(tree, '', given);
  }
  return { by, enforcement, locks: [...given.values()], lockTree: treeOf(given.values()), schemas, defaults };
}

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

function readLocks(locks: unknown, by: PolicyLayer): Map<string, Lock> {
  if (!isJsonObject(locks)) throw wrong('/locks', 'must be an object');
  const pointers = Object.keys(locks);
  if (pointers.length > MAX_LOCKS) throw wrong('/locks', `must have at most ${MAX_LOCKS} members`);
  const read = new Map<string, Lock>();
  for (const pointer of pointers) {
    const at = `/locks/${escapeStep(pointer)}`;
    if (!POINTER.test(pointer)) throw wrong(at, 'must be a JSON Pointer (RFC 6901), such as /security/requireMFA');
    const lock = locks[pointer];
    if (!isJsonObject(lock)) throw wrong(at, 'must be an object');
    requireMembers(at, lock, ['reason']);
    const { reason } = lock;
    if (reason === undefined) read.set(pointer, { by, pointer });
    else if (isReason(reason)) read.set(pointer, { by, pointer, reason });
    else
      throw wrong(`${at}/reason`, `must be text of 1 to ${MAX_REASON_LENGTH} characters, without control characters`);
  }
  return read;
}

function isReason(reason: unknown): reason is string {
  // The same characters as in a Change-Reason, because it is shown in the same places.
  return (
    typeof reason === 'string' &&
    reason.trim() !== '' &&
    [...reason].length <= MAX_REASON_LENGTH &&
    !/[\p{Cc}\u{202A}-\u{202E}\u{2066}-\u{2069}]/u.test(reason)
  );
}

function isEnforcement(value: unknown): value is Enforcement {
  return (ENFORCEMENTS as readonly unknown[]).includes(value);
}

function requireMembers(at: string, object: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(at, `has an ${unknownName('member', unknown, known)}`);
}

function wrong(pointer: string, rule: string): InvalidInputError {
  return new InvalidInputError(`${pointer === '' ? 'the policy' : abbreviate(pointer, MAX_POINTER_LENGTH)} ${rule}`);
}

function treeOf(locks: Iterable<Lock>): LockNode {
  const root: LockNode = {};
  for (const lock of locks) {
    let node = root;
    for (const step of stepsOf(lock.pointer)) {
      node.children ??= new Map();
      let child = node.children.get(step);
      if (child === undefined) node.children.set(step, (child = {}));
      node = child;
    }
    node.lock = lock;
  }
  return root;
}

/** What a schema gives by `default`; that of an object goes before those of its properties. */
function defaultOf(schema: JsonTree): JsonTree | undefined {
  if (typeof schema === 'string') return undefined;
  const members = new Map<string, JsonTree>();
  for (const [name, property] of propertiesOf(schema)) {
    const value = defaultOf(property);
    if (value !== undefined) members.set(name, value);
  }
  const own = schema.get('default');
  if (members.size === 0) return own;
  return own === undefined ? members : over(own, members);
}

function over(near: JsonTree, far: JsonTree): JsonTree {
  if (typeof near === 'string' || typeof far === 'string') return near;
  const merged = new Map(far);
  for (const [name, value] of near) {
    const below = far.get(name);
    merged.set(name, below === undefined ? value : over(value, below));
  }
  return merged;
}

/** In a system's schema `readOnly` is a lock, where it is reached through `properties` alone, as with `default`. */
function addReadOnly(schema: JsonTree, pointer: string, locks: Map<string, Lock>): void {
  if (typeof schema === 'string') return;
  if (schema.get('readOnly') === 'true' && !locks.has(pointer)) locks.set(pointer, { by: 'system', pointer });
  for (const [name, property] of propertiesOf(schema)) addReadOnly(property, `${pointer}/${escapeStep(name)}`, locks);
}

function propertiesOf(schema: ReadonlyMap<string, JsonTree>): Iterable<[string, JsonTree]> {
  const properties = schema.get('properties');
  return typeof properties === 'object' ? properties : [];
}
