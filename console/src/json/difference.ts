import type { JsonPatchOperation, PatchSettingsRequest } from '@flashback/client/lossless';
import { type Path, pointerOf, withValueAt } from './path.js';
import { textOf } from './text.js';
import { areEqual, isObject, type JsonObject, type JsonValue } from './value.js';

/** What is another value in another version; `undefined` where there is none. */
export interface Change {
  readonly path: Path;
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** What makes one object of another. Objects are compared member by member; arrays and scalars are whole. */
export function changesBetween(from: JsonObject, to: JsonObject, path: Path = []): Change[] {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return keys.flatMap((key) => {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    const after = Object.hasOwn(to, key) ? to[key] : undefined;
    const here = [...path, key];
    if (isObject(before) && isObject(after)) return changesBetween(before, after, here);
    return areEqual(before, after) ? [] : [{ path: here, before, after }];
  });
}

/** The most operations of a JSON Patch that the service takes. */
const MAX_OPERATIONS = 256;

/** How much of a document operations may copy in all, well below what the service takes, which counts it as stored. */
const MAX_COPIED = 4 * 1024 * 1024;

/**
 * What makes one object of another, as a JSON Merge Patch (RFC 7396), which has what changed and nothing else. There
 * null deletes, so where a member shall become null it is a JSON Patch (RFC 6902). Where that has more operations than
 * there may be, or may copy more than it may, it replaces the whole document: in the version that the request names,
 * this is the same.
 */
export function patchOf(from: JsonObject, to: JsonObject): PatchSettingsRequest {
  const changes = changesBetween(from, to);
  if (!changes.some(({ after }) => hasNullMember(after))) {
    return changes.reduce<JsonValue>((patch, { path, after }) => withValueAt(patch, path, after ?? null), {}) as object;
  }
  const isSmall = changes.length <= MAX_OPERATIONS && changes.length * textOf(to).length <= MAX_COPIED;
  return isSmall ? changes.map(operationOf) : [{ op: 'replace', path: '', value: to }];
}

function operationOf({ path, before, after }: Change): JsonPatchOperation {
  const pointer = pointerOf(path);
  if (after === undefined) return { op: 'remove', path: pointer };
  return { op: before === undefined ? 'add' : 'replace', path: pointer, value: after };
}

/** Elements of arrays are taken as they are. */
function hasNullMember(value: JsonValue | undefined): boolean {
  return value === null || (isObject(value) && Object.values(value).some(hasNullMember));
}
