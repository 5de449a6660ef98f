import { ApiParam } from '@nestjs/swagger';

/** Documents the organization that a path names. */
export const OrganizationParam = () =>
  ApiParam({ name: 'orgId', format: 'uuid', description: 'Unique identifier of the organization.' });
