import { nameOf, type Path } from '../json/path.js';
import { isObject, type JsonObject, type JsonValue, membersOf, scalarText } from '../json/value.js';

/** A line of the tree. */
export interface TreeRow {
  readonly path: Path;
  readonly value: JsonValue;
  /** The lines below it; absent where it is closed, and for what has none. */
  readonly children?: readonly TreeRow[];
}

export type Container = JsonObject | JsonValue[];

export function isContainer(value: JsonValue): value is Container {
  return isObject(value) || Array.isArray(value);
}

/**
 * The lines of a container, each with those below it.
 *
 * @param search leaves those that have it in their key or value, and what leads there or is below, which is all open
 */
export function rowsOf(
  container: Container,
  search: string,
  isOpen: (path: Path) => boolean,
  path: Path = [],
): readonly TreeRow[] {
  const text = search.toLowerCase();
  const members = Array.isArray(container)
    ? container.map((element, n): [string, JsonValue] => [String(n), element])
    : membersOf(container);
  return members.flatMap(([key, value]): TreeRow[] => {
    const here = [...path, key];
    // What is below has the name of what it is in.
    const isNamed = text === '' || nameOf(here).toLowerCase().includes(text);
    if (!isContainer(value)) {
      return isNamed || scalarText(value).toLowerCase().includes(text) ? [{ path: here, value }] : [];
    }
    if (text === '' && !isOpen(here)) return [{ path: here, value }];
    const children = rowsOf(value, search, isOpen, here);
    return isNamed || children.length > 0 ? [{ path: here, value, children }] : [];
  });
}

/** How many lines there are, those below lines too. */
export function countRows(rows: readonly TreeRow[]): number {
  return rows.reduce((sum, { children = [] }) => sum + 1 + countRows(children), 0);
}

/** The first lines, from the top of the tree. */
export function firstRows(rows: readonly TreeRow[], limit: number): readonly TreeRow[] {
  const first: TreeRow[] = [];
  let left = limit;
  for (const row of rows) {
    if (left <= 0) break;
    const children = row.children && firstRows(row.children, left - 1);
    left -= 1 + countRows(children ?? []);
    first.push(children === undefined ? row : { ...row, children });
  }
  return first;
}
