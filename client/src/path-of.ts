/**
 * The path of what has an id.
 *
 * @param parent the path above it
 * @throws TypeError for an id that would lead to another path, however it is escaped
 */
export function pathOf(parent: string, id: string): string {
  if (/^\.{0,2}$/.test(id)) throw new TypeError(`"${id}" is no id`);
  return `${parent}/${encodeURIComponent(id)}`;
}
