import { Controller, Get, HttpCode, HttpStatus, Param, Post, Res, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Reply } from '../common/http/api-reply.decorator.js';
import { COMMON_REPLIES } from '../common/http/refused.replies.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import { DiffVersionsDto } from '../common/versions/diff-versions.dto.js';
import { ListVersionsDto, MAX_VERSIONS } from '../common/versions/list-versions.dto.js';
import { VersionParam } from '../common/versions/version-param.decorator.js';
import { VersionPipe } from '../common/versions/version.pipe.js';
import type { Caller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { type RequestedChange, RequestChangeOptions } from './change-options.decorator.js';
import { replyToChange } from './change-reply.js';
import { ChangeSettingsDto } from './dto/change-settings.dto.js';
import { DiffSettingsVersionsResponseDto } from './dto/settings-version.response.dto.js';
import { ChangeRoute, ReadRoute } from './settings-route.decorator.js';
import { SettingsVersionService } from './settings-version.service.js';
import type { SettingsApi } from './settings-api.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import {
  COMMON_CHANGE_REPLIES,
  DTOS,
  invalidChangeReply,
  invalidReply,
  patchExampleOf,
  versionNotFoundReply,
  writtenReply,
} from './settings.replies.js';
import { SettingsService } from './settings.service.js';

const AT = '2026-11-21T12:00:00.000Z';

/** The routes on the versions of one document. */
function settingsVersionControllerOf(api: SettingsApi): Type {
  const { document, content, name, noun, title } = api;
  const failed = `Failed to get ${noun} versions`;
  const noOwnerReplies: Record<number, Reply> = api.notFound === undefined ? {} : { 404: api.notFound };
  const notFoundReply = versionNotFoundReply(api.notFound);

  @Controller(`${api.path}/versions`)
  @ApiTags(title)
  @ApiBearerAuth()
  class SettingsVersionController {
    constructor(
      private readonly settings: SettingsService,
      private readonly versions: SettingsVersionService,
    ) {}

    @Get()
    @ReadRoute(api, {
      id: `list${name}Versions`,
      summary: `List ${noun} versions`,
      description: 'Who changed what, when and why, newest first. What changed nothing made no version.',
      failed,
      replies: {
        200: {
          description: 'The versions.',
          type: DTOS[content].versions,
          examples: {
            'One version': {
              success: true,
              versions: [
                {
                  version: 2,
                  at: AT,
                  operation: content === 'settings' ? 'merge' : 'merge-patch',
                  actor: { id: '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10', email: 'ada@acme.com' },
                  paths: [api.valueExample.path],
                  requestId: 'b7e6d1f0-95a5-4a37-8a8f-0a3c9d1f2e4b',
                  reason: 'Asked for by the design team',
                },
              ],
              next: 2,
            },
          },
        },
        400: invalidReply(failed, {
          'Unknown parameter': 'unknown parameter limt (did you mean limit?)',
          'Too many': `limit must not be greater than ${MAX_VERSIONS}`,
          'Wrong number': 'before must be the number of a version',
        }),
        ...noOwnerReplies,
        ...COMMON_REPLIES,
      },
    })
    async listSettingsVersions(
      @RequestCaller() caller: Caller,
      @RequestQuery(ListVersionsDto) { limit, before }: ListVersionsDto,
    ): Promise<object> {
      return { success: true, ...(await this.versions.list(document, caller, limit, before ?? null)) };
    }

    @Get(':version')
    @ReadRoute(api, {
      id: `get${name}Version`,
      summary: `Get a version of ${noun}`,
      description: 'The whole document as it was in one version.',
      failed,
      replies: {
        200: {
          description: 'The version.',
          type: DTOS[content].version,
          examples: { Version: { success: true, version: 2, at: AT, [content]: api.example } },
        },
        400: invalidReply(failed, { 'Unknown parameter': 'unknown parameter at (known: none)' }),
        404: notFoundReply,
        ...COMMON_REPLIES,
      },
    })
    @VersionParam()
    async getSettingsVersion(
      @RequestCaller() caller: Caller,
      @Param('version', VersionPipe) wanted: string,
    ): Promise<string> {
      const { version, at, settings } = await this.versions.get(document, caller, wanted);
      return `{"success":true,"version":${version},"at":"${at}","${content}":${settings}}`;
    }

    @Get(':version/diff')
    @ReadRoute(api, {
      id: `diff${name}Versions`,
      summary: `Compare versions of ${noun}`,
      description:
        'What makes one version of another, as a JSON Patch (RFC 6902). Any two can be compared, also backwards.',
      failed,
      replies: {
        200: {
          description: 'The difference.',
          type: DiffSettingsVersionsResponseDto,
          examples: { Difference: { success: true, from: 1, to: 2, patch: patchExampleOf(api) } },
        },
        400: invalidReply(failed, { 'Wrong number': 'from must be the number of a version' }),
        404: notFoundReply,
        ...COMMON_REPLIES,
      },
    })
    @VersionParam()
    async diffSettingsVersions(
      @RequestCaller() caller: Caller,
      @Param('version', VersionPipe) to: string,
      @RequestQuery(DiffVersionsDto) { from = String(BigInt(to) - 1n) }: DiffVersionsDto,
    ): Promise<string> {
      const patch = await this.versions.diff(document, caller, from, to);
      return `{"success":true,"from":${from},"to":${to},"patch":${patch}}`;
    }

    @Post(':version/restore')
    @HttpCode(HttpStatus.OK)
    @ChangeRoute(api, {
      id: `restore${name}Version`,
      summary: `Restore a version of ${noun}`,
      description: 'Makes a new version with the document of an old one. There is no body.',
      failed: `Failed to restore ${noun}`,
      replies: {
        200: writtenReply(api, `${title} restored successfully`),
        400: invalidChangeReply(api, `Failed to restore ${noun}`, {
          'Wrong header': 'If-Match must be * or a list of entity tags, each in double quotes',
        }),
        404: notFoundReply,
        ...COMMON_CHANGE_REPLIES,
      },
    })
    @VersionParam()
    async restoreSettingsVersion(
      @RequestCaller() caller: Caller,
      @Param('version', VersionPipe) version: string,
      @RequestChangeOptions() options: RequestedChange,
      @RequestQuery(ChangeSettingsDto) { dryRun }: ChangeSettingsDto,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      const changed = await this.settings.change(
        document,
        caller,
        { kind: 'restore', version },
        { ...options, isDryRun: dryRun },
      );
      return replyToChange(reply, content, changed, `${title} restored successfully`);
    }
  }
  return SettingsVersionController;
}

export const settingsVersionControllers = Object.values(SETTINGS_DOCUMENTS).map(settingsVersionControllerOf);
