import { Body, Controller, Header, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access, roleLineOf } from '../auth/access.decorator.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, JSON_TYPE, settingsEnvelope } from '../common/http/error-envelope.js';
import { COMMON_REPLIES, notJsonReply, onlyForServicesReply, refusedReply } from '../common/http/refused.replies.js';
import type { ServiceCaller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { countRequest } from '../rate-limit/count-request.js';
import { RateLimitService } from '../rate-limit/rate-limit.service.js';
import { ServiceLimits } from '../service-account/service-limits.js';
import { BATCH_READERS } from './all-organizations.access.js';
import { MAX_BATCH, SettingsBatchDto } from './dto/settings-batch.dto.js';
import { SettingsBatchResponseDto } from './dto/settings-batch.response.dto.js';
import { SettingsBatchPipe } from './settings-batch.pipe.js';
import type { WantedSettings } from './settings-batch.repository.js';
import { SettingsBatchService } from './settings-batch.service.js';

const FAILED = 'Failed to read settings';
const ACME = '123e4567-e89b-12d3-a456-426614174000';
const OTHER = '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10';

/** The settings of many organizations at once. */
@Controller('settings/batch')
@ApiTags('All organizations')
@ApiBearerAuth()
export class SettingsBatchController {
  constructor(
    private readonly batches: SettingsBatchService,
    private readonly rates: RateLimitService,
    private readonly limits: ServiceLimits,
  ) {}

  @Post()
  @HttpCode(HttpStatus.OK)
  @Access(BATCH_READERS)
  @ErrorsIn(settingsEnvelope(FAILED))
  @Header('Content-Type', JSON_TYPE)
  @ApiOperation({
    summary: 'Read settings of many organizations',
    description:
      `The settings of up to ${MAX_BATCH} organizations that are not in the version that the caller has. At most 8 MiB ` +
      'of settings come; the ids of the rest are in `more`. It counts as many requests as it names organizations.' +
      `\n\n${roleLineOf(BATCH_READERS)}`,
  })
  @ApiBody({
    type: SettingsBatchDto,
    examples: { 'Two organizations': { value: { organizations: [{ id: ACME, version: '17' }, { id: OTHER }] } } },
  })
  @ApiReplies({
    200: {
      description: 'The settings that are new to the caller.',
      type: SettingsBatchResponseDto,
      examples: {
        'One is new, one does not exist': {
          success: true,
          settings: [{ organizationId: ACME, version: '18', etag: '"18-hG3kQ0xW"', settings: { maxFileSize: '20GB' } }],
          notFound: [OTHER],
          more: [],
        },
      },
    },
    400: refusedReply('The request is wrong.', FAILED, {
      'No organizations': 'organizations is required',
      'Wrong id': 'organizations[0].id must be a UUID',
      'Wrong version': 'organizations[0].version must be the number of a version',
    }),
    403: onlyForServicesReply('settings:read'),
    413: {
      name: 'BodyTooLarge',
      ...refusedReply('The body is too large.', 'Payload too large', {
        Body: 'the request body is larger than allowed',
      }),
    },
    415: notJsonReply,
    ...COMMON_REPLIES,
  })
  async readSettingsBatch(
    @RequestCaller() caller: ServiceCaller,
    @Body(SettingsBatchPipe) wanted: WantedSettings[],
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    // The guard counted one.
    if (wanted.length > 1) {
      await countRequest(this.rates, 'caller', caller.serviceId, reply, this.limits, wanted.length - 1);
    }
    const { settings, notFound, more } = await this.batches.read(caller, wanted);
    const documents = settings.map(
      (one) =>
        `{"organizationId":"${one.organizationId}","version":"${one.version}",` +
        `"etag":${JSON.stringify(one.entityTag)},"settings":${one.settings}}`,
    );
    return (
      `{"success":true,"settings":[${documents.join(',')}],` +
      `"notFound":${JSON.stringify(notFound)},"more":${JSON.stringify(more)}}`
    );
  }
}
