import { Body, Controller, Header, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, roleLineOf } from '../auth/access.decorator.js';
import { entityTagOf, type Preconditions } from '../common/concurrency/preconditions.js';
import { ApiConditionalWrite } from '../common/http/api-precondition.decorator.js';
import {
  ACCEPT,
  ApiReplies,
  CURRENT_VERSION,
  ENTITY_TAG,
  type Reply,
  RETRY_AFTER,
} from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE } from '../common/http/error-envelope.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { BodyPipe } from '../common/validation/body.pipe.js';
import { RequestChangeOrigin } from '../history/change-origin.decorator.js';
import type { ChangeOrigin } from '../history/change-origin.js';
import { ApiOrganizationHeader } from '../service-account/organization-header.decorator.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import type { Caller } from './caller.js';
import { EnforceMfaDto, EnforceMfaErrorDto, EnforceMfaResponseDto } from './dto/enforce-mfa.dto.js';
import { mfaEnvelope, MFA_FAILED, MfaPermissionError, NoOrganizationForMfaError } from './mfa.errors.js';
import { MFA_ENFORCERS } from './organization.access.js';
import { OrganizationService } from './organization.service.js';
import { RequestCaller } from './request-caller.decorator.js';

const refused = (description: string, errors: Record<string, string>): Reply => ({
  description,
  type: EnforceMfaErrorDto,
  examples: Object.fromEntries(Object.entries(errors).map(([name, error]) => [name, { success: false, error }])),
});

/** Multi-factor authentication: the flag that the profile calls `mfaEnforced`. */
@Controller('mfa/organization')
@ApiTags('Organization')
@ApiBearerAuth()
export class MfaController {
  constructor(private readonly organizations: OrganizationService) {}

  @Post('enforce')
  @HttpCode(HttpStatus.OK)
  @Access(MFA_ENFORCERS)
  @ErrorsIn(mfaEnvelope, { variesBy: `Authorization, ${ORGANIZATION_HEADER}` })
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Enforce multi-factor authentication',
    description:
      "Sets `mfaEnforced` in the profile of the caller's organization, with its version and event. To ask for a second " +
      `factor is the identity provider's.\n\n${roleLineOf(MFA_ENFORCERS)}`,
  })
  @ApiOrganizationHeader()
  @ApiBody({
    type: EnforceMfaDto,
    examples: { 'Leave it to members': { value: { enforced: false } } },
  })
  @ApiReplies({
    200: {
      description: 'The flag is stored.',
      type: EnforceMfaResponseDto,
      examples: { Enabled: { success: true, message: 'MFA enforcement enabled for organization' } },
      headers: ENTITY_TAG,
    },
    400: refused('The request is wrong, or the caller has no organization; nothing was changed.', {
      'No organization': new NoOrganizationForMfaError().message,
      'Wrong value': 'enforced must be a boolean',
    }),
    401: refused('The bearer token is missing or does not hold.', { 'No token': 'Unauthorized' }),
    403: refused('The caller is neither ADMINISTRATOR nor OWNER, nor a service account that may change the profile.', {
      Role: new MfaPermissionError().message,
    }),
    412: {
      ...refused('The current version is not one that the request allows; nothing was changed.', {
        'Somebody was faster': 'Precondition failed: the current version is different',
      }),
      headers: CURRENT_VERSION,
    },
    413: refused('The body is too large.', { Body: 'Payload too large' }),
    415: { ...refused('The body is not JSON.', { 'Media type': 'Unsupported media type' }), headers: ACCEPT },
    429: {
      ...refused('The caller, their organization, or an address without a valid token, sent too many requests.', {
        Caller: 'Too many requests',
      }),
      headers: RETRY_AFTER,
    },
    500: refused('The service failed; a change may have been made: its version tells.', { Failure: MFA_FAILED }),
    503: {
      ...refused('There is too much to do just now; nothing was changed.', { Overload: 'Service unavailable' }),
      headers: RETRY_AFTER,
    },
  })
  @ApiConditionalWrite()
  async enforceMfa(
    @RequestCaller() caller: Caller,
    @Body(new BodyPipe(EnforceMfaDto)) { enforced }: EnforceMfaDto,
    @RequestPreconditions() preconditions: Preconditions,
    @RequestChangeOrigin() origin: ChangeOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EnforceMfaResponseDto> {
    const change = { kind: 'update', columns: { mfa_enforced: enforced } } as const;
    const { id, version } = await this.organizations.changeOwn(caller, change, preconditions, origin);
    reply.header('ETag', entityTagOf(id, version));
    return { success: true, message: `MFA enforcement ${enforced ? 'enabled' : 'disabled'} for organization` };
  }
}
