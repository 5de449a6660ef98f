/**
 * Names the organization that a service account acts on, where the path does not; it means nothing in a user's request.
 */
export const ORGANIZATION_HEADER = 'X-Organization-Id';
