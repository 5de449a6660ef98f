import { Body, Controller, Get, Header, HttpStatus, Param, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, roleLineOf, type RouteAccess } from '../auth/access.decorator.js';
import { WRITING_ROLES } from '../auth/role.js';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import {
  ApiConditionalRead,
  ApiConditionalWrite,
  notModifiedReply,
} from '../common/http/api-precondition.decorator.js';
import { ACCEPT, ApiReplies, ENTITY_TAG, type Reply, RETRY_AFTER } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, organizationEnvelope } from '../common/http/error-envelope.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { RequestChangeOrigin } from '../history/change-origin.decorator.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import {
  GetOrganizationResponseDto,
  OrganizationErrorDto,
  UpdateOrganizationResponseDto,
} from './dto/organization.response.dto.js';
import { UpdateOrganizationDto } from './dto/update-organization.dto.js';
import type { Caller } from './caller.js';
import type { ProfileChanges } from './organization.repository.js';
import { OrganizationService } from './organization.service.js';
import { shownProfile } from './profile-fields.js';
import { RequestCaller } from './request-caller.decorator.js';
import { UpdateOrganizationPipe } from './update-organization.pipe.js';

const READERS: RouteAccess = { roles: 'member', organization: 'in-path', scope: 'organization:read' };
const WRITERS: RouteAccess = { roles: WRITING_ROLES, organization: 'in-path', scope: 'organization:write' };

const UPDATED = 'Organization updated successfully';

const EXAMPLE = {
  id: '123e4567-e89b-12d3-a456-426614174000',
  name: 'Updated Organization Name',
  domain: 'acme.com',
  address1: '456 New Business Ave',
  address2: 'Suite 100',
  city: 'Los Angeles',
  zipcode: '10001',
  phone: '+1-555-0123',
  state: 'CA',
  country: 'US',
  deletedAt: null,
  reposDisabled: false,
  website: 'https://acme.com',
  is_business: true,
  mfaEnforced: true,
};

const refused = (description: string, messages: Record<string, string>): Reply => ({
  description,
  type: OrganizationErrorDto,
  examples: Object.fromEntries(
    Object.entries(messages).map(([name, message]) => [name, { success: false, data: null, message }]),
  ),
});

const COMMON_REPLIES = {
  401: {
    name: 'OrganizationUnauthorized',
    ...refused('The bearer token is missing or does not hold.', { 'No token': 'Unauthorized' }),
  },
  404: {
    name: 'OrganizationNotFound',
    ...refused('No such organization: unknown, deleted, or not a UUID.', { Unknown: 'Organization not found' }),
  },
  429: {
    name: 'OrganizationTooManyRequests',
    ...refused('The caller, their organization, or an address without a valid token, sent too many requests.', {
      Caller: 'Too many requests',
    }),
    headers: RETRY_AFTER,
  },
  500: {
    name: 'OrganizationInternalServerError',
    ...refused(
      'The service failed. Where the connection to the database was lost, a change may have been made: its version tells.',
      { Failure: 'Internal server error' },
    ),
  },
  503: {
    name: 'OrganizationServiceUnavailable',
    ...refused('There is too much to do just now; nothing was changed.', { Overload: 'Service unavailable' }),
    headers: RETRY_AFTER,
  },
};

const preconditionFailedReply: Reply = {
  name: 'OrganizationPreconditionFailed',
  ...refused('The current version is not one that the request allows; nothing was changed.', {
    'Somebody was faster': 'Precondition failed: the current version is different',
  }),
  headers: ENTITY_TAG,
};

const OrganizationParam = () =>
  ApiParam({ name: 'orgId', format: 'uuid', description: 'Unique identifier of the organization.' });

/** The profile of an organization. */
@Controller('organization')
@ApiTags('Organization')
@ApiBearerAuth()
export class OrganizationController {
  constructor(private readonly organizations: OrganizationService) {}

  @Get(':orgId')
  @Access(READERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Get organization details',
    description: `The profile of an organization; its settings are not part of it.\n\n${roleLineOf(READERS)}`,
  })
  @OrganizationParam()
  @ApiReplies({
    200: {
      description: 'The organization.',
      type: GetOrganizationResponseDto,
      examples: { Organization: { success: true, data: EXAMPLE } },
      headers: ENTITY_TAG,
    },
    304: notModifiedReply,
    400: refused('The query or a header is wrong.', {
      'Unknown parameter': 'unknown parameter at (known: none)',
      'Wrong header': 'If-None-Match must be * or a list of entity tags, each in double quotes',
    }),
    403: refused('The caller is no member of the organization, or is a service account that may not read it.', {
      'Another organization': 'Access denied: you can only view your own organization',
      'Service account': 'Insufficient permissions: the scope organization:read is required',
    }),
    412: preconditionFailedReply,
    ...COMMON_REPLIES,
  })
  @ApiConditionalRead()
  async getOrganization(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @RequestPreconditions() preconditions: Preconditions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    // As it is in the database, because entity tags are made of it.
    const id = orgId.toLowerCase();
    const { version, profile } = await this.organizations.get(id, caller);
    const outcome = preconditions.allowRead(id, version);
    reply.header('ETag', entityTagOf(id, version));
    if (outcome === 'read') return `{"success":true,"data":${shownProfile(profile)}}`;
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }

  @Put(':orgId')
  @Access(WRITERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Update organization details',
    description:
      'Changes the fields that the body names and leaves the others alone. What cannot be changed here (`domain`, `website`, `deletedAt`, `reposDisabled`, anything unknown) is left out.' +
      `\n\n${roleLineOf(WRITERS)}`,
  })
  @OrganizationParam()
  @ApiBody({
    type: UpdateOrganizationDto,
    examples: {
      'Some fields': { value: { address2: 'Suite 100', phone: '+1-555-0123' } },
      'Clear a field': { value: { address2: null } },
    },
  })
  @ApiReplies({
    200: {
      description: 'The change is stored.',
      type: UpdateOrganizationResponseDto,
      examples: { Updated: { success: true, data: EXAMPLE, message: UPDATED } },
      headers: ENTITY_TAG,
    },
    400: refused('The request is wrong, and nothing was changed.', {
      'Nothing to update': 'No valid fields to update',
      'Wrong field': 'mfaEnforced must be true or false',
      'Malformed JSON': 'Malformed JSON in request body',
    }),
    403: refused('The caller is neither ADMINISTRATOR nor OWNER of it, nor a service account that may change it.', {
      Role: 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization',
    }),
    412: preconditionFailedReply,
    413: refused('The body is too large.', { Body: 'Payload too large' }),
    415: { ...refused('The body is not JSON.', { 'Media type': 'Unsupported media type' }), headers: ACCEPT },
    ...COMMON_REPLIES,
  })
  @ApiConditionalWrite()
  async updateOrganization(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @Body(UpdateOrganizationPipe) changes: ProfileChanges,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const id = orgId.toLowerCase();
    const { version, profile } = await this.organizations.update(id, caller, changes, preconditions, origin);
    reply.header('ETag', entityTagOf(id, version));
    return `{"success":true,"data":${shownProfile(profile)},"message":"${UPDATED}"}`;
  }
}
