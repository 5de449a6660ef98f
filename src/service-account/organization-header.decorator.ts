import { ApiHeader } from '@nestjs/swagger';
import { ORGANIZATION_HEADER } from './organization-header.js';

/** Documents the header with which a service account names the organization. */
export const ApiOrganizationHeader = () =>
  ApiHeader({
    name: ORGANIZATION_HEADER,
    required: false,
    schema: { type: 'string', format: 'uuid' },
    description: 'Required for service accounts; ignored for users.',
  });
