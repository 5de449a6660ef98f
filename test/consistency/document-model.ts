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
  | { readonly kind: 'json-patch'; readonly patch: readonly PatchOperation[] }
  /** Only of a policy. */
  | { readonly kind: 'delete' };

/** What a client asks of one document, with the versions that its preconditions name. */
export type Request = Action & {
  readonly ifMatch?: readonly number[] | '*';
  readonly ifNoneMatch?: readonly number[] | '*';
};

/**
 * What a client hears, as far as it says something of the document: a conflict (409) says no version, nor does a
 * refusal by a rule (400) or a lock (403) of a policy.
 */
export type Reply =
  | { readonly status: 200; readonly version: number; readonly settings?: JsonObject }
  | { readonly status: 304 | 412; readonly version: number }
  | { readonly status: Refusal | 409 };

/** How a policy refuses the result of a change. */
export type Refusal = 400 | 403;

export type DocumentModel = Model<Document, Request, Reply>;

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
 * 3. A result that a policy refuses is a 400 or a 403 and changes nothing.
 * 4. The version goes up by one with each change that makes a difference, and with nothing else.
 *
 * @param refusal what policies say of a change from one content to another
 */
export function modelOf(refusal: (before: JsonObject, after: JsonObject) => Refusal | undefined): DocumentModel {
  return {
    initial: { version: 0, settings: {} },

    step(document, request) {
      const { version, settings } = document;
      const failed = failedCondition(request, version);
      if (failed !== undefined) return { state: document, output: { status: failed, version } };
      if (request.kind === 'read') return { state: document, output: { status: 200, version, settings } };
      const changed = changedBy(request, settings);
      if (changed === undefined) return { state: document, output: { status: 409 } };
      if (isDeepStrictEqual(changed, settings)) return { state: document, output: { status: 200, version } };
      const refused = refusal(settings, changed);
      if (refused !== undefined) return { state: document, output: { status: refused } };
      return { state: { version: version + 1, settings: changed }, output: { status: 200, version: version + 1 } };
    },

    isSame: (expected, observed) => isDeepStrictEqual(expected, observed),
    keyOf: ({ version, settings }) => `${version} ${canonical(settings)}`,
    rankOf: ({ version }) => version,
    rankSeen: (reply) => ('version' in reply ? reply.version : undefined),
  };
}

/** Of a document that no policy binds. */
export const documentModel = modelOf(() => undefined);

function failedCondition({ kind, ifMatch = '*', ifNoneMatch = [] }: Request, version: number): 304 | 412 | undefined {
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
    case 'delete':
      return {};
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
