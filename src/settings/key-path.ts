/** A key to delete: the exact name of a top-level member, or else the way to a nested one. */
export interface KeyPath {
  readonly key: string;
  readonly path: readonly string[];
}

/**
 * Reads a key as a path: split at dots, where `\.` is a dot and `\\` a backslash. Any other backslash stands for
 * itself, and an empty segment is the empty key.
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
      segment = '';
    } else {
      segment += character;
    }
  }
  path.push(segment);
  return { key, path };
}
