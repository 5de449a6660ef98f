import { Controller, Get, Header, HttpCode, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, roleLineOf } from '../auth/access.decorator.js';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { ApiConditionalWrite } from '../common/http/api-precondition.decorator.js';
import { ACCEPT, ApiReplies, ENTITY_TAG } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, organizationEnvelope } from '../common/http/error-envelope.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import { DiffVersionsDto } from '../common/versions/diff-versions.dto.js';
import { ListVersionsDto, MAX_VERSIONS } from '../common/versions/list-versions.dto.js';
import { VersionParam } from '../common/versions/version-param.decorator.js';
import { VersionPipe } from '../common/versions/version.pipe.js';
import { RequestChangeOrigin } from '../history/change-origin.decorator.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import type { Caller } from './caller.js';
import { UpdateOrganizationResponseDto } from './dto/organization.response.dto.js';
import {
  DiffOrganizationVersionsResponseDto,
  GetOrganizationVersionResponseDto,
  ListOrganizationVersionsResponseDto,
} from './dto/organization-version.response.dto.js';
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

const AT = '2026-11-21T12:00:00.000Z';

/** The versions of an organization's profile. */
@Controller('organization/:orgId/versions')
@ApiTags('Organization')
@ApiBearerAuth()
export class OrganizationVersionController {
  constructor(
    private readonly organizations: OrganizationService,
    private readonly versions: OrganizationVersionService,
  ) {}

  @Get()
  @Access(READERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'List versions of an organization',
    description:
      'Who changed what of the profile, when and why, newest first. What changed nothing made no version.' +
      `\n\n${roleLineOf(READERS)}`,
  })
  @OrganizationParam()
  @ApiReplies({
    200: {
      description: 'The versions.',
      type: ListOrganizationVersionsResponseDto,
      examples: {
        'One of two versions': {
          success: true,
          data: {
            versions: [
              {
                version: 1,
                at: AT,
                operation: 'update',
                actor: { id: '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10', email: 'ada@acme.com' },
                paths: ['/address1', '/city'],
                requestId: 'b7e6d1f0-95a5-4a37-8a8f-0a3c9d1f2e4b',
                reason: 'We moved',
              },
            ],
            next: 1,
          },
        },
      },
    },
    400: refused('The query is wrong.', {
      'Unknown parameter': 'unknown parameter limt (did you mean limit?)',
      'Too many': `limit must not be greater than ${MAX_VERSIONS}`,
      'Wrong number': 'before must be the number of a version',
    }),
    403: mayNotReadReply,
    ...COMMON_REPLIES,
  })
  async listOrganizationVersions(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @RequestQuery(ListVersionsDto) { limit, before }: ListVersionsDto,
  ): Promise<ListOrganizationVersionsResponseDto> {
    return { success: true, data: await this.versions.list(orgId.toLowerCase(), caller, limit, before ?? null) };
  }

  @Get(':version')
  @Access(READERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Get a version of an organization',
    description: `The whole profile as it was in one version.\n\n${roleLineOf(READERS)}`,
  })
  @OrganizationParam()
  @VersionParam()
  @ApiReplies({
    200: {
      description: 'The version.',
      type: GetOrganizationVersionResponseDto,
      examples: { Version: { success: true, data: { version: 1, at: AT, profile: EXAMPLE } } },
    },
    400: refused('The query is wrong.', { 'Unknown parameter': 'unknown parameter at (known: none)' }),
    403: mayNotReadReply,
    ...COMMON_REPLIES,
    404: orVersionNotFoundReply,
  })
  async getOrganizationVersion(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @Param('version', VersionPipe) wanted: string,
  ): Promise<string> {
    const { version, at, profile } = await this.versions.get(orgId.toLowerCase(), caller, wanted);
    return `{"success":true,"data":{"version":${version},"at":"${at}","profile":${shownProfile(profile)}}}`;
  }

  @Get(':version/diff')
  @Access(READERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Compare versions of an organization',
    description:
      'What makes one version of another, as a JSON Patch (RFC 6902). Any two can be compared, also backwards.' +
      `\n\n${roleLineOf(READERS)}`,
  })
  @OrganizationParam()
  @VersionParam()
  @ApiReplies({
    200: {
      description: 'The difference.',
      type: DiffOrganizationVersionsResponseDto,
      examples: {
        Difference: {
          success: true,
          data: { from: 0, to: 1, patch: [{ op: 'replace' as const, path: '/city', value: 'Los Angeles' }] },
        },
      },
    },
    400: refused('The query is wrong.', { 'Wrong number': 'from must be the number of a version' }),
    403: mayNotReadReply,
    ...COMMON_REPLIES,
    404: orVersionNotFoundReply,
  })
  async diffOrganizationVersions(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @Param('version', VersionPipe) to: string,
    @RequestQuery(DiffVersionsDto) { from = String(BigInt(to) - 1n) }: DiffVersionsDto,
  ): Promise<string> {
    const patch = await this.versions.diff(orgId.toLowerCase(), caller, from, to);
    return `{"success":true,"data":{"from":${from},"to":${to},"patch":${patch}}}`;
  }

  @Post(':version/restore')
  @HttpCode(HttpStatus.OK)
  @Access(WRITERS)
  @ErrorsIn(organizationEnvelope)
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Restore a version of an organization',
    description:
      'Makes a new version with the fields of an old one that a PUT may change; the others stay. There is no body.' +
      `\n\n${roleLineOf(WRITERS)}`,
  })
  @OrganizationParam()
  @VersionParam()
  @ApiReplies({
    200: {
      description: 'The change is stored.',
      type: UpdateOrganizationResponseDto,
      examples: { Restored: { success: true, data: EXAMPLE, message: UPDATED } },
      headers: ENTITY_TAG,
    },
    400: refused('The request is wrong, and nothing was changed.', {
      'Wrong header': 'If-Match must be * or a list of entity tags, each in double quotes',
    }),
    403: mayNotWriteReply,
    412: preconditionFailedReply,
    413: refused('The body is too large.', { Body: 'Payload too large' }),
    415: {
      ...refused('There is a body that is not JSON.', { 'Media type': 'Unsupported media type' }),
      headers: ACCEPT,
    },
    ...COMMON_REPLIES,
    404: orVersionNotFoundReply,
  })
  @ApiConditionalWrite()
  async restoreOrganizationVersion(
    @Param('orgId') orgId: string,
    @RequestCaller() caller: Caller,
    @Param('version', VersionPipe) wanted: string,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const id = orgId.toLowerCase();
    const change = { kind: 'restore', version: wanted } as const;
    return replyToUpdate(reply, id, await this.organizations.change(id, caller, change, preconditions, origin));
  }
}
