import { type Conflict, merge } from '../json/merge.js';
import { withValueAt } from '../json/path.js';
import { areEqual, isObject, type JsonObject } from '../json/value.js';

export interface Undone {
  readonly undone: JsonObject;
  /** What was changed again since, and therefore is as it was. */
  readonly kept: readonly Conflict[];
}

/** The current document without the change from `before` to `after`, and with all that came after it. */
export function withoutChange(before: JsonObject, after: JsonObject, current: JsonObject): Undone {
  const { value, conflicts } = merge(after, withGroups(before, after, current), current);
  const undone = conflicts.reduce<JsonObject>(
    (document, { path, theirs }) => withValueAt(document, path, theirs) as JsonObject,
    value,
  );
  return { undone, kept: conflicts };
}

/** `before` with those groups that the change made and others changed since: of these, only what it made is undone. */
function withGroups(before: JsonObject, after: JsonObject, current: JsonObject): JsonObject {
  const groups = Object.entries(after).flatMap(([key, made]): [string, JsonObject][] => {
    const was = Object.hasOwn(before, key) ? before[key] : {};
    const is = Object.hasOwn(current, key) ? current[key] : undefined;
    if (!isObject(was) || !isObject(made) || !isObject(is) || areEqual(made, is)) return [];
    return [[key, withGroups(was, made, is)]];
  });
  return { ...before, ...Object.fromEntries(groups) };
}
