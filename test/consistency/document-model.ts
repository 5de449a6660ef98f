import { isDeepStrictEqual } from 'node:util';
import type { Model } from './linearizability.js';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** RFC 6902, as far as the workload goes. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: Json;
}

export type Action =
  | { readonly kind: 'read' }
  | { readonly kind: 'replace'; readonly settings: JsonObject }
  | { readonly kind: 'merge'; readonly patch: JsonObject }
  | { readonly kind: 'delete-keys'; readonly keys: readonly string[] }
  | { readonly kind: 'merge-patch'; readonly patch: JsonObject }
  | { readonly kind: 'json-patch'; readonly patch: readonly PatchOperation[] };

/** What a client asks of one document, with the versions that its preconditions name. */
export type Request = Action & {
  readonly ifMatch?: readonly number[] | '*';
  readonly ifNoneMatch?: readonly number[] | '*';
};

/** What a client hears, as far as it says something of the document: a conflict (409) says no version. */
export type Reply =
  | { readonly status: 200; readonly version: number; readonly settings?: JsonObject }
  | { readonly status: 304 | 412; readonly version: number }
  | { readonly status: 409 };

export interface Document {
  readonly version: number;
  readonly settings: JsonObject;
}

/**
 * What the API says that a settings document does, one request at a time. It is written down from the contract once
 * more and shares nothing with the service, so that a mistake in one of them shows.
 *
 * 1. Preconditions come first: 412, or 304 on a read.
 * 2. A JSON Patch that does not fit is a 409 and changes nothing.
 * 3. The version goes up by one with each change that makes a difference, and with nothing else.
 */
export const documentModel: Model<Document, Request, Reply> = {
  initial: { version: 0, settings: {} },

  step(document, request) {
    const { version, settings } = document;
    const refusal = refusedBy(request, version);
    if (refusal !== undefined) return { state: document, output: { status: refusal, version } };
    if (request.kind === 'read') return { state: document, output: { status: 200, version, settings } };
    const changed = changedBy(request, settings);
    if (changed === undefined) return { state: document, output: { status: 409 } };
    if (isDeepStrictEqual(changed, settings)) return { state: document, output: { status: 200, version } };
    return { state: { version: version + 1, settings: changed }, output: { status: 200, version: version + 1 } };
  },

  isSame: (expected, observed) => isDeepStrictEqual(expected, observed),
  keyOf: ({ version, settings }) => `${version} ${canonical(settings)}`,
  rankOf: ({ version }) => version,
  rankSeen: (reply) => (reply.status === 409 ? undefined : reply.version),
};

function refusedBy({ kind, ifMatch = '*', ifNoneMatch = [] }: Request, version: number): 304 | 412 | undefined {
  if (ifMatch !== '*' && !ifMatch.includes(version)) return 412;
  const isKnown = ifNoneMatch === '*' ? version > 0 : ifNoneMatch.includes(version);
  if (!isKnown) return undefined;
  return kind === 'read' ? 304 : 412;
}

/** @returns `undefined` when a JSON Patch does not fit */
function changedBy(action: Exclude<Action, { kind: 'read' }>, settings: JsonObject): JsonObject | undefined {
  switch (action.kind) {
    case 'replace':
      return action.settings;
    case 'merge':
      return merged(settings, action.patch);
    case 'delete-keys':
      return withoutKeys(settings, action.keys);
    case 'merge-patch':
      return mergePatched(settings, action.patch);
    case 'json-patch':
      return jsonPatched(settings, action.patch);
  }
}

/** Objects merge at every depth, everything else replaces, null is a value. */
function merged(target: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const old = memberOf(target, key);
    result[key] = isObject(old) && isObject(value) ? merged(old, value) : value;
  }
  return result;
}

/** RFC 7396 §2. */
function mergePatched(target: Json | undefined, patch: JsonObject): JsonObject {
  const result = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? mergePatched(memberOf(result, key), value) : value;
  }
  return result;
}

/** An exact top-level key wins over the path, as the document was before; a dot that belongs to a key is `\.`. */
function withoutKeys(settings: JsonObject, keys: readonly string[]): JsonObject {
  const result = structuredClone(settings);
  for (const key of keys) {
    const path = Object.hasOwn(settings, key) ? [key] : segmentsOf(key);
    let parent: Json | undefined = result;
    for (const segment of path.slice(0, -1)) parent = isObject(parent) ? memberOf(parent, segment) : undefined;
    if (isObject(parent)) delete parent[path.at(-1)!];
  }
  return result;
}

function segmentsOf(key: string): string[] {
  return key.split(/(?<!\\)\./).map((segment) => segment.replaceAll('\\.', '.'));
}

/** RFC 6902 on objects and on the ends of arrays. */
function jsonPatched(settings: JsonObject, patch: readonly PatchOperation[]): JsonObject | undefined {
  const result = structuredClone(settings);
  for (const { op, path, value } of patch) {
    const steps = path.slice(1).split('/');
    let parent: Json | undefined = result;
    for (const step of steps.slice(0, -1)) parent = isObject(parent) ? memberOf(parent, step) : undefined;
    const last = steps.at(-1)!;
    if (Array.isArray(parent) && op === 'add' && last === '-') {
      parent.push(value!);
      continue;
    }
    if (!isObject(parent)) return undefined;
    const old = memberOf(parent, last);
    if (op !== 'add' && old === undefined) return undefined;
    if (op === 'test' && !isDeepStrictEqual(old, value)) return undefined;
    if (op === 'remove') delete parent[last];
    if (op === 'add' || op === 'replace') parent[last] = structuredClone(value!);
  }
  return result;
}

function memberOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same text for equal values, whatever the order of their members. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_, part: Json) =>
    isObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
