import { Body, Controller, Delete, Get, Header, HttpCode, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AnyMember, Roles } from '../auth/access.decorator.js';
import { UserId } from '../auth/principal.js';
import { WRITING_ROLES } from '../auth/role.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, settingsEnvelope } from '../common/http/error-envelope.js';
import { DeleteKeysPipe } from './delete-keys.pipe.js';
import { DeleteSettingsKeysDto } from './dto/delete-settings-keys.dto.js';
import type { SettingsWrittenResponseDto } from './dto/settings.response.dto.js';
import { UpdateSettingsDto } from './dto/update-settings.dto.js';
import type { KeyPath } from './key-path.js';
import { MergeSettingsPipe } from './merge-settings.pipe.js';
import { ReplaceSettingsPipe } from './replace-settings.pipe.js';
import {
  COMMON_REPLIES,
  COMMON_WRITE_REPLIES,
  forbiddenReply,
  invalidKeysReply,
  invalidReply,
  notAssociatedReply,
  readReply,
  writtenReply,
} from './settings.replies.js';
import { SettingsService } from './settings.service.js';

const EXAMPLE = {
  defaultStorageType: 'S3',
  maxFileSize: '10GB',
  retentionPolicy: { enabled: true, days: 365 },
  security: { requireMFA: true, sessionTimeout: 3600 },
};

const UPDATED = 'Organization settings updated successfully';
const PARTIALLY_UPDATED = 'Organization settings partially updated successfully';
const KEYS_DELETED = 'Organization settings keys deleted successfully';
const UPDATE_FAILED = 'Failed to update organization settings';
const PARTIAL_UPDATE_FAILED = 'Failed to partially update organization settings';
const DELETE_FAILED = 'Failed to delete organization settings keys';

/** The settings of the caller's organization. */
@Controller('settings/organization')
@ApiTags('Organization settings')
@ApiBearerAuth()
export class OrganizationSettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @AnyMember()
  @ErrorsIn(settingsEnvelope())
  @Header('Content-Type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'Get organization settings',
    description: "The whole settings document of the caller's organization.\n\n**Role:** any member.",
  })
  @ApiReplies({ 200: readReply(EXAMPLE), 404: notAssociatedReply, ...COMMON_REPLIES })
  async getOrganizationSettings(@UserId() userId: string): Promise<string> {
    return `{"success":true,"settings":${await this.settings.readOrganization(userId)}}`;
  }

  @Post()
  @HttpCode(200)
  @Roles(...WRITING_ROLES)
  @ErrorsIn(settingsEnvelope(UPDATE_FAILED))
  @ApiOperation({
    summary: 'Replace organization settings',
    description:
      'Puts a new document in the place of the whole old one.\n\n**Role:** ADMINISTRATOR or OWNER. To change some keys and keep the others, use PUT.',
  })
  @ApiBody({ type: UpdateSettingsDto, examples: { Replace: { value: { settings: EXAMPLE } } } })
  @ApiReplies({
    200: writtenReply(UPDATED),
    400: invalidReply(UPDATE_FAILED, {
      'No settings': 'settings is required',
      'Not an object': 'settings must be an object',
      'Cannot be stored': 'U+0000 cannot be stored (at /theme)',
    }),
    403: forbiddenReply,
    404: notAssociatedReply,
    ...COMMON_WRITE_REPLIES,
  })
  async updateOrganizationSettings(
    @UserId() userId: string,
    @Body(ReplaceSettingsPipe) settings: string,
  ): Promise<SettingsWrittenResponseDto> {
    await this.settings.changeOrganization(userId, { kind: 'replace', settings });
    return { success: true, message: UPDATED };
  }

  @Put()
  @Roles(...WRITING_ROLES)
  @ErrorsIn(settingsEnvelope(PARTIAL_UPDATE_FAILED))
  @ApiOperation({
    summary: 'Partially update organization settings',
    description:
      'Merges the body into the document. Objects merge at every depth; arrays, scalars and null replace; what the body does not name stays. Keys are literal: a dot in a key is part of its name.\n\n**Role:** ADMINISTRATOR or OWNER.',
  })
  @ApiBody({
    schema: { type: 'object', additionalProperties: true },
    examples: { 'Two settings': { value: { maxFileSize: '20GB', security: { requireMFA: false } } } },
  })
  @ApiReplies({
    200: writtenReply(PARTIALLY_UPDATED),
    400: invalidReply(PARTIAL_UPDATE_FAILED, {
      'Not an object': 'the body must be an object',
      'Malformed JSON': 'Malformed JSON in request body',
      'Too deep': 'nested deeper than 32 levels',
    }),
    403: forbiddenReply,
    404: notAssociatedReply,
    ...COMMON_WRITE_REPLIES,
  })
  async partiallyUpdateOrganizationSettings(
    @UserId() userId: string,
    @Body(MergeSettingsPipe) patch: string,
  ): Promise<SettingsWrittenResponseDto> {
    await this.settings.changeOrganization(userId, { kind: 'merge', patch });
    return { success: true, message: PARTIALLY_UPDATED };
  }

  @Delete()
  @Roles(...WRITING_ROLES)
  @ErrorsIn(settingsEnvelope(DELETE_FAILED))
  @ApiOperation({
    summary: 'Delete organization settings keys',
    description:
      'Removes the named keys and keeps everything else. A name that is not there is no error; an object that loses its last key stays as `{}`.\n\n**Role:** ADMINISTRATOR or OWNER.',
  })
  @ApiBody({
    type: DeleteSettingsKeysDto,
    examples: { 'A key and a path': { value: { keys: ['retentionPolicy', 'security.requireMFA'] } } },
  })
  @ApiReplies({
    200: writtenReply(KEYS_DELETED),
    400: invalidKeysReply(DELETE_FAILED),
    403: forbiddenReply,
    404: notAssociatedReply,
    ...COMMON_WRITE_REPLIES,
  })
  async deleteOrganizationSettingsKeys(
    @UserId() userId: string,
    @Body(DeleteKeysPipe) keys: KeyPath[],
  ): Promise<SettingsWrittenResponseDto> {
    await this.settings.changeOrganization(userId, { kind: 'delete-keys', keys });
    return { success: true, message: KEYS_DELETED };
  }
}
