import { Body, Controller, Get, Header, HttpStatus, Param, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, roleLineOf } from '../auth/access.decorator.js';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import {
  ApiConditionalRead,
  ApiConditionalWrite,
  notModifiedReply,
} from '../common/http/api-precondition.decorator.js';
import { ACCEPT, ApiReplies, ENTITY_TAG } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, organizationEnvelope } from '../common/http/error-envelope.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { RequestChangeOrigin } from '../history/change-origin.decorator.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import { ReadAsOfDto } from '../common/versions/read-as-of.dto.js';
import { GetOrganizationResponseDto, UpdateOrganizationResponseDto } from './dto/organization.response.dto.js';
import { UpdateOrganizationDto } from './dto/update-organization.dto.js';
import type { Caller } from './caller.js';
import type { ProfileColumns } from './profile-change.js';
import { READERS, WRITERS } from './organization.access.js';
import {
  COMMON_REPLIES,
  EXAMPLE,
  mayNotReadReply,
  mayNotWriteReply,
  orVersionNotFoundReply,
  preconditionFailedReply,
  refused,
} from './organization.replies.js';
import { OrganizationParam } from './organization-param.decorator.js';
import { OrganizationService } from './organization.service.js';
import { OrganizationVersionService } from './organization-version.service.js';
import { shownProfile } from './profile-fields.js';
import { RequestCaller } from './request-caller.decorator.js';
import { replyToUpdate, UPDATED } from './update-reply.js';
import { UpdateOrganizationPipe } from './update-organization.pipe.js';

/** The profile of an organization. */
@Controller('organization')
@ApiTags('Organization')
@ApiBearerAuth()
export class OrganizationController {
  constructor(
    private readonly organizations: OrganizationService,
    private readonly versions: OrganizationVersionService,
  ) {}

  @Get(':orgId')
  @Access(READERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Get organization details',
    description:
      'The profile of an organization, as it is now or, with `at`, as it was then; its settings are not part of it.' +
      `\n\n${roleLineOf(READERS)}`,
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
      'Unknown parameter': 'unknown parameter AT (did you mean at?)',
      'Wrong time': 'at must be a date-time with an offset, such as 2026-11-21T12:00:00Z: it has no offset',
      'Wrong header': 'If-None-Match must be * or a list of entity tags, each in double quotes',
    }),
    403: mayNotReadReply,
    412: preconditionFailedReply,
    ...COMMON_REPLIES,
    404: orVersionNotFoundReply,
  })
  @ApiConditionalRead()
  async getOrganization(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestQuery(ReadAsOfDto) { at }: ReadAsOfDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    // As it is in the database, because entity tags are made of it.
    const id = orgId.toLowerCase();
    const { version, profile } =
      at === undefined ? await this.organizations.get(id, caller) : await this.versions.getAsOf(id, caller, at);
    const outcome = preconditions.allowRead(id, version);
    if (outcome === 'failed') return this.organizations.refuseVersion(id, version, caller.since);
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
    403: mayNotWriteReply,
    412: preconditionFailedReply,
    413: refused('The body is too large.', { Body: 'Payload too large' }),
    415: { ...refused('The body is not JSON.', { 'Media type': 'Unsupported media type' }), headers: ACCEPT },
    ...COMMON_REPLIES,
  })
  @ApiConditionalWrite()
  async updateOrganization(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @Body(UpdateOrganizationPipe) columns: ProfileColumns,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const id = orgId.toLowerCase();
    const change = { kind: 'update', columns } as const;
    return replyToUpdate(reply, id, await this.organizations.change(id, caller, change, preconditions, origin));
  }
}
