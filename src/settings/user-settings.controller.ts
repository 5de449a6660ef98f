import { Body, Controller, Delete, Get, Header, HttpCode, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AnyUser } from '../auth/access.decorator.js';
import { UserId } from '../auth/principal.js';
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
  invalidKeysReply,
  invalidReply,
  readReply,
  userNotFoundReply,
  writtenReply,
} from './settings.replies.js';
import { SettingsService } from './settings.service.js';

const EXAMPLE = {
  theme: 'dark',
  language: 'en',
  notifications: { email: true, push: false },
};

const UPDATED = 'User settings updated successfully';
const PARTIALLY_UPDATED = 'User settings partially updated successfully';
const KEYS_DELETED = 'User settings keys deleted successfully';
const UPDATE_FAILED = 'Failed to update user settings';
const PARTIAL_UPDATE_FAILED = 'Failed to partially update user settings';
const DELETE_FAILED = 'Failed to delete user settings keys';

/** The caller's own settings. */
@Controller('settings/user')
@ApiTags('User settings')
@ApiBearerAuth()
export class UserSettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @AnyUser()
  @ErrorsIn(settingsEnvelope())
  @Header('Content-Type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'Get user settings',
    description: "The caller's whole settings document.\n\n**Role:** none; they belong to the caller.",
  })
  @ApiReplies({ 200: readReply(EXAMPLE), 404: userNotFoundReply, ...COMMON_REPLIES })
  async getUserSettings(@UserId() userId: string): Promise<string> {
    return `{"success":true,"settings":${await this.settings.readUser(userId)}}`;
  }

  @Post()
  @HttpCode(200)
  @AnyUser()
  @ErrorsIn(settingsEnvelope(UPDATE_FAILED))
  @ApiOperation({
    summary: 'Replace user settings',
    description:
      'Puts a new document in the place of the whole old one.\n\n**Role:** none; they belong to the caller. To change some keys and keep the others, use PUT.',
  })
  @ApiBody({ type: UpdateSettingsDto, examples: { Replace: { value: { settings: EXAMPLE } } } })
  @ApiReplies({
    200: writtenReply(UPDATED),
    400: invalidReply(UPDATE_FAILED, {
      'No settings': 'settings is required',
      'Not an object': 'settings must be an object',
      'Cannot be stored': 'U+0000 cannot be stored (at /theme)',
    }),
    404: userNotFoundReply,
    ...COMMON_WRITE_REPLIES,
  })
  async updateUserSettings(
    @UserId() userId: string,
    @Body(ReplaceSettingsPipe) settings: string,
  ): Promise<SettingsWrittenResponseDto> {
    await this.settings.changeUser(userId, { kind: 'replace', settings });
    return { success: true, message: UPDATED };
  }

  @Put()
  @AnyUser()
  @ErrorsIn(settingsEnvelope(PARTIAL_UPDATE_FAILED))
  @ApiOperation({
    summary: 'Partially update user settings',
    description:
      'Merges the body into the document. Objects merge at every depth; arrays, scalars and null replace; what the body does not name stays. Keys are literal: a dot in a key is part of its name.\n\n**Role:** none; they belong to the caller.',
  })
  @ApiBody({
    schema: { type: 'object', additionalProperties: true },
    examples: { 'Two settings': { value: { theme: 'light', notifications: { email: false } } } },
  })
  @ApiReplies({
    200: writtenReply(PARTIALLY_UPDATED),
    400: invalidReply(PARTIAL_UPDATE_FAILED, {
      'Not an object': 'the body must be an object',
      'Malformed JSON': 'Malformed JSON in request body',
      'Too deep': 'nested deeper than 32 levels',
    }),
    404: userNotFoundReply,
    ...COMMON_WRITE_REPLIES,
  })
  async partiallyUpdateUserSettings(
    @UserId() userId: string,
    @Body(MergeSettingsPipe) patch: string,
  ): Promise<SettingsWrittenResponseDto> {
    await this.settings.changeUser(userId, { kind: 'merge', patch });
    return { success: true, message: PARTIALLY_UPDATED };
  }

  @Delete()
  @AnyUser()
  @ErrorsIn(settingsEnvelope(DELETE_FAILED))
  @ApiOperation({
    summary: 'Delete user settings keys',
    description:
      'Removes the named keys and keeps everything else. A name that is not there is no error; an object that loses its last key stays as `{}`.\n\n**Role:** none; they belong to the caller.',
  })
  @ApiBody({
    type: DeleteSettingsKeysDto,
    examples: { 'A key and a path': { value: { keys: ['language', 'notifications.push'] } } },
  })
  @ApiReplies({
    200: writtenReply(KEYS_DELETED),
    400: invalidKeysReply(DELETE_FAILED),
    404: userNotFoundReply,
    ...COMMON_WRITE_REPLIES,
  })
  async deleteUserSettingsKeys(
    @UserId() userId: string,
    @Body(DeleteKeysPipe) keys: KeyPath[],
  ): Promise<SettingsWrittenResponseDto> {
    await this.settings.changeUser(userId, { kind: 'delete-keys', keys });
    return { success: true, message: KEYS_DELETED };
  }
}
