const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether this can be the id of an organization: the database would refuse to compare anything else with one. */
export function isOrganizationId(text: string): boolean {
  return UUID.test(text);
}

/**
 * Stands where the id of an organization would, for what belongs to the whole deployment: the nil UUID (RFC 9562 §5.9),
 * which no organization has.
 */
export const SYSTEM_ID = '00000000-0000-0000-0000-000000000000';
