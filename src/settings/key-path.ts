/** A key to delete: the exact name of a top-level member, or else the way to a nested one. */
export interface KeyPath {
  readonly key: string;
  readonly path: readonly string[];
}

/** No document nests deeper (SETTINGS_MAX_DEPTH). */
const MAX_DEPTH = 1000;

/**
 * Reads a key as a path: split at dots, where `\.` is a dot and `\\` a backslash. Any other backslash stands for
 * itself, and an empty segment is the empty key. A way that is longer than any document is deep leads nowhere, so what
 * follows is left out.
 */
export function parseKeyPath(key: string): KeyPath {
  const path: string[] = [];
  let segment = '';
  for (let at = 0; at < key.length; at++) {
    const character = key.charAt(at);
    const next = key.charAt(at + 1);
    if (character === '\\' && (next === '.' || next === '\\')) {
      segment += next;
      at++;
    } else if (character === '.') {
      path.push(segment);
      if (path.length > MAX_DEPTH) return { key, path };
      segment = '';
    } else {
      segment += character;
    }
  }
  path.push(segment);
  return { key, path };
}
