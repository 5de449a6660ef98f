const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether this can be the id of an organization: anything else, the database would not even compare with one. */
export function isOrganizationId(text: string): boolean {
  return UUID.test(text);
}
