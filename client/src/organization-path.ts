/** @throws TypeError for an id that would lead to another path, however it is escaped */
export function pathOf(orgId: string): string {
  if (/^\.{0,2}$/.test(orgId)) throw new TypeError(`"${orgId}" is no id of an organization`);
  return `organization/${encodeURIComponent(orgId)}`;
}
