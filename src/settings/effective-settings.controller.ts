import { Controller, Get, Header, HttpStatus, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, roleLineOf, type RouteAccess } from '../auth/access.decorator.js';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { ApiConditionalRead } from '../common/http/api-precondition.decorator.js';
import { ApiReplies, ENTITY_TAG } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, settingsEnvelope } from '../common/http/error-envelope.js';
import { COMMON_REPLIES } from '../common/http/refused.replies.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { SettingsErrorDto } from '../common/http/settings-error.dto.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import type { Caller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { ApiOrganizationHeader } from '../service-account/organization-header.decorator.js';
import {
  EffectiveReasonDto,
  GetEffectiveSettingsResponseDto,
  ReadEffectiveSettingsDto,
} from './dto/effective-settings.dto.js';
import { EffectiveSettingsService } from './effective-settings.service.js';
import { ApiWaitingRead, waitOf } from './settings-waiting.decorator.js';
import { SettingsWaitingService } from './settings-waiting.service.js';
import {
  invalidReply,
  notAssociatedReply,
  orOrganizationRequiredReply,
  preconditionFailedReply,
  waitedReply,
} from './settings.replies.js';

const FAILED = 'Failed to get effective settings';

const ACCESS: RouteAccess = { roles: 'member', scope: 'settings:read', userScope: 'user-settings:read' };

/** Which settings apply, and why. */
@Controller('settings/effective')
@ApiTags('Effective settings')
@ApiBearerAuth()
export class EffectiveSettingsController {
  constructor(
    private readonly effective: EffectiveSettingsService,
    private readonly waiting: SettingsWaitingService,
  ) {}

  @Get()
  @Access(ACCESS)
  @Header('Content-Type', JSON_TYPE)
  @ErrorsIn(settingsEnvelope(FAILED), { variesBy: `Authorization, ${ORGANIZATION_HEADER}` })
  @ApiOperation({
    summary: 'Get effective settings',
    description:
      'The settings that apply to the caller: of each leaf the value of the highest layer whose policy locks it, else ' +
      "the user's own, the organization's, the system's, or the schema's default. Objects merge; arrays and scalars " +
      'are leaves. The entity tag is that of all documents that take part.\n\n' +
      roleLineOf(ACCESS),
  })
  @ApiOrganizationHeader()
  @ApiConditionalRead()
  @ApiWaitingRead()
  @ApiExtraModels(EffectiveReasonDto)
  @ApiReplies({
    200: {
      description: 'The settings that apply.',
      type: GetEffectiveSettingsResponseDto,
      examples: {
        Settings: { success: true, settings: { theme: 'dark', security: { requireMFA: true } } },
        Explained: {
          success: true,
          settings: { theme: 'dark', security: { requireMFA: true } },
          reasons: {
            '/theme': { from: 'user', version: 4, at: '2026-11-21T12:00:00.000Z', overridden: ['system'] },
            '/security/requireMFA': {
              from: 'organization',
              version: 17,
              at: '2026-11-21T12:00:00.000Z',
              locked: { by: 'organization', reason: 'SOC 2' },
              overridden: ['user'],
              values: { user: false },
            },
          },
        },
      },
      headers: ENTITY_TAG,
    },
    304: waitedReply,
    400: orOrganizationRequiredReply(
      FAILED,
      invalidReply(FAILED, {
        'Wrong scope': 'scope must be organization',
        'Not for users': 'user is for service accounts; your own settings need no parameter',
        'Wrong wait': 'wait must be a whole number of seconds from 1 to 60',
        'Unknown parameter': 'unknown parameter explian (did you mean explain?)',
      }),
    ),
    403: {
      description: 'The caller is a service account without the scope that the request needs.',
      type: SettingsErrorDto,
      examples: {
        Settings: { success: false, message: 'Insufficient permissions: the scope settings:read is required' },
        'Of a user': { success: false, message: 'Insufficient permissions: the scope user-settings:read is required' },
      },
    },
    404: {
      description:
        'The caller belongs to no organization, or may not act on that one. Or the user is no member of it. Or a ' +
        'document as it was then is not kept.',
      type: SettingsErrorDto,
      examples: {
        ...notAssociatedReply.examples,
        'No member': { success: false, message: 'User not found' },
        'No version': { success: false, message: 'Version not found' },
        'No content': { success: false, message: 'Version not found', error: 'its content was thinned' },
      },
    },
    412: preconditionFailedReply,
    ...COMMON_REPLIES,
  })
  async getEffectiveSettings(
    @RequestCaller() caller: Caller,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestQuery(ReadEffectiveSettingsDto) query: ReadEffectiveSettingsDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const { scope, user: userId, explain: isExplained, at } = query;
    if (userId !== undefined && scope !== undefined) throw new InvalidInputError('user cannot be given with scope');
    if (userId !== undefined && caller.kind === 'user') {
      throw new InvalidInputError('user is for service accounts; your own settings need no parameter');
    }
    const wait = waitOf(request, reply, query);
    const read = (since: number) =>
      this.effective.read(
        { ...caller, since },
        { isOfOrganization: scope === 'organization', userId, isExplained, at },
        preconditions,
      );
    const { entityTag, settings, reasons } =
      wait === undefined ? await read(caller.since) : wait.tell(await this.waiting.until(caller, read, wait));
    reply.header('ETag', entityTag);
    if (settings !== null) {
      return `{"success":true,"settings":${settings}${reasons === undefined ? '' : `,"reasons":${reasons}`}}`;
    }
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }
}
