import type { Path } from './path.js';
import { areEqual, isObject, type JsonObject, type JsonValue } from './value.js';

/** A value that two people changed, each to another one; `undefined` where it is deleted. */
export interface Conflict {
  readonly path: Path;
  readonly base: JsonValue | undefined;
  readonly mine: JsonValue | undefined;
  readonly theirs: JsonValue | undefined;
}

export interface Merged {
  /** Both changes; where they collide, mine. */
  readonly value: JsonObject;
  readonly conflicts: readonly Conflict[];
}

/**
 * Joins two changes of the same object (three-way merge). Objects are merged member by member; arrays and scalars are
 * whole, so that two changes of one array collide.
 */
export function merge(base: JsonObject, mine: JsonObject, theirs: JsonObject, path: Path = []): Merged {
  const members: [string, JsonValue][] = [];
  const conflicts: Conflict[] = [];
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const [was, my, their] = [base, mine, theirs].map((side) => (Object.hasOwn(side, key) ? side[key] : undefined));
    let merged: JsonValue | undefined;
    if (areEqual(my, their) || areEqual(my, was)) merged = their;
    else if (areEqual(their, was)) merged = my;
    else if (isObject(my) && isObject(their)) {
      const inner = merge(isObject(was) ? was : {}, my, their, [...path, key]);
      merged = inner.value;
      conflicts.push(...inner.conflicts);
    } else {
      merged = my;
      conflicts.push({ path: [...path, key], base: was, mine: my, theirs: their });
    }
    if (merged !== undefined) members.push([key, merged]);
  }
  return { value: Object.fromEntries(members), conflicts };
}
