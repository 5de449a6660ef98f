import { IsUUID } from 'class-validator';

/** The id of an organization, as far as its form tells. */
export const IsOrganizationId = () => IsUUID('loose', { message: '$property must be the id of an organization' });
