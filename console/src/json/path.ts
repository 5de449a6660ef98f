import { isObject, type JsonObject, type JsonValue } from './value.js';

/** The names and indexes that lead to a value, from the document. */
export type Path = readonly string[];

/** As a JSON Pointer (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** As people read it; the service takes it in this form where it deletes keys. */
export function nameOf(path: Path): string {
  return path.map((name) => name.replace(/[\\.]/g, '\\$&')).join('.');
}

/** What `nameOf` wrote, or a JSON Pointer. */
export function pathNamed(name: string): Path {
  if (name.startsWith('/')) return pathOf(name);
  const steps = name.match(/(?:^|(?<=\.))(?:\\.|[^\\.])*/g) ?? [];
  return steps.map((step) => step.replace(/\\(.)/g, '$1'));
}

export function valueAt(value: JsonValue | undefined, path: Path): JsonValue | undefined {
  let found = value;
  for (const name of path) {
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** The same value with another one at a path, `undefined` for none. Objects that the way leads through are made. */
export function withValueAt(value: JsonValue | undefined, path: Path, next: JsonValue | undefined): JsonValue {
  const [name, ...rest] = path;
  if (name === undefined) return next ?? null;
  if (Array.isArray(value)) {
    const inner = rest.length === 0 ? next : withValueAt(value[Number(name)], rest, next);
    const removed = inner === undefined ? 1 : 0;
    return removed ? value.filter((_, n) => n !== Number(name)) : value.with(Number(name), inner!);
  }
  const object: JsonObject = isObject(value) ? { ...value } : {};
  if (rest.length === 0 && next === undefined) {
    delete object[name];
    return object;
  }
  // A computed name, unlike an assignment, makes a member also of __proto__.
  return { ...object, [name]: rest.length === 0 ? next! : withValueAt(valueAt(object, [name]), rest, next) };
}
