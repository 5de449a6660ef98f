import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Patch,
  Post,
  Put,
  Req,
  Res,
  type Type,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, type ApiBodyOptions, ApiConsumes, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidInputError } from '../common/errors/common.errors.js';
import type { Reply } from '../common/http/api-reply.decorator.js';
import { COMMON_REPLIES } from '../common/http/refused.replies.js';
import type { Preconditions } from '../common/concurrency/preconditions.js';
import { ApiConditionalRead } from '../common/http/api-precondition.decorator.js';
import { JSON_PATCH_TYPE, MERGE_PATCH_TYPE, PATCH_TYPES } from '../common/http/body-parser.js';
import { RequestPreconditions } from '../common/http/request-preconditions.decorator.js';
import { RequestQuery } from '../common/validation/request-query.decorator.js';
import { JsonPatchOperationDto } from '../common/versions/json-patch-operation.dto.js';
import type { Caller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { type RequestedChange, RequestChangeOptions } from './change-options.decorator.js';
import { replyToChange } from './change-reply.js';
import { DeleteKeysPipe } from './delete-keys.pipe.js';
import { ChangeSettingsDto } from './dto/change-settings.dto.js';
import { ReadSettingsDto } from './dto/read-settings.dto.js';
import { DeleteSettingsKeysDto } from './dto/delete-settings-keys.dto.js';
import { MAX_OPERATIONS } from './json-patch.js';
import { MergeSettingsPipe } from './merge-settings.pipe.js';
import { BodyWithMediaType, PatchPolicyPipe, PatchSettingsPipe } from './patch-settings.pipe.js';
import { ReplacePolicyPipe, ReplaceSettingsPipe } from './replace-settings.pipe.js';
import type { SettingsChange } from './settings-change.js';
import { ChangeRoute, ReadRoute } from './settings-route.decorator.js';
import { SettingsVersionService } from './settings-version.service.js';
import type { SettingsApi } from './settings-api.js';
import { SETTINGS_DOCUMENTS } from './settings-documents.js';
import {
  COMMON_CHANGE_REPLIES,
  conflictReply,
  DTOS,
  invalidChangeReply,
  invalidKeysReply,
  invalidReply,
  patchMediaTypeReply,
  preconditionFailedReply,
  readReply,
  versionNotFoundReply,
  waitedReply,
  writtenReply,
} from './settings.replies.js';
import { ApiWaitingRead, waitOf } from './settings-waiting.decorator.js';
import { SettingsWaitingService } from './settings-waiting.service.js';
import { SettingsService } from './settings.service.js';

/** A schema and an example for each media type, in their order; `separateMediaTypes` gives each type its own. */
const patchBodyOf = ({ partExample, valueExample: { path, ...value } }: SettingsApi): ApiBodyOptions => ({
  schema: {
    oneOf: [
      { type: 'object', additionalProperties: true },
      { type: 'array', items: { $ref: getSchemaPath(JsonPatchOperationDto) }, maxItems: MAX_OPERATIONS },
    ],
  },
  examples: {
    [MERGE_PATCH_TYPE]: { summary: 'Change and delete', value: { ...partExample, obsolete: null } },
    [JSON_PATCH_TYPE]: {
      summary: 'Compare and set',
      value: [
        { op: 'add', path, value: value.old },
        { op: 'test', path, value: value.old },
        { op: 'replace', path, value: value.new },
      ],
    },
  },
});

/** The routes that every document has. */
function documentControllerOf(api: SettingsApi) {
  const { document, content, name, noun, title } = api;
  const writeReplies = writeRepliesOf(api);

  @ApiTags(title)
  @ApiBearerAuth()
  class DocumentController {
    constructor(
      readonly settings: SettingsService,
      private readonly versions: SettingsVersionService,
      private readonly waiting: SettingsWaitingService,
    ) {}

    @Get()
    @ReadRoute(api, {
      id: `get${name}`,
      summary: `Get ${noun}`,
      description:
        'The whole document, as it is now or, with `at`, as it was then. With `wait`, who has the current ' +
        'version hears of the next one as soon as it is there, or gets a 304 when the time is up.',
      failed: `Failed to get ${noun}`,
      replies: {
        200: readReply(api),
        304: waitedReply,
        400: invalidReply(`Failed to get ${noun}`, {
          'Wrong wait': 'wait must be a whole number of seconds from 1 to 60',
          'Unknown parameter': 'unknown parameter AT (did you mean at?)',
          'Wrong time': 'at must be a date-time with an offset, such as 2026-11-21T12:00:00Z: it has no offset',
          'Wrong header': 'If-None-Match must be * or a list of entity tags, each in double quotes',
        }),
        404: versionNotFoundReply(api.notFound),
        412: preconditionFailedReply,
        ...COMMON_REPLIES,
      },
    })
    @Header('Accept-Patch', PATCH_TYPES.join(', '))
    @ApiConditionalRead()
    @ApiWaitingRead()
    async getDocument(
      @RequestCaller() caller: Caller,
      @RequestPreconditions() preconditions: Preconditions,
      @RequestQuery(ReadSettingsDto) query: ReadSettingsDto,
      @Req() request: FastifyRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string | undefined> {
      const { at } = query;
      const wait = waitOf(request, reply, query);
      const { entityTag, settings } =
        at !== undefined
          ? await this.versions.getAsOf(document, caller, at, preconditions)
          : wait === undefined
            ? await this.settings.read(document, caller, preconditions)
            : wait.tell(await this.waiting.read(document, caller, preconditions, wait));
      reply.header('ETag', entityTag);
      if (settings !== null) return `{"success":true,"${content}":${settings}}`;
      reply.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }

    @Post()
    @HttpCode(HttpStatus.OK)
    @ChangeRoute(api, {
      id: `update${name}`,
      summary: `Replace ${noun}`,
      description:
        'Puts a new document in the place of the whole old one. To change some keys and keep the others, use ' +
        (content === 'settings' ? 'PUT.' : 'PATCH.'),
      failed: `Failed to update ${noun}`,
      replies: {
        200: writtenReply(api, `${title} updated successfully`),
        400: invalidChangeReply(api, `Failed to update ${noun}`, {
          'Unknown parameter': 'unknown parameter dryrun (did you mean dryRun?)',
          [`No ${content}`]: `${content} is required`,
          'Not an object': `${content} must be an object`,
          'Cannot be stored': 'U+0000 cannot be stored (at /theme)',
        }),
        ...writeReplies,
      },
    })
    @ApiBody({ type: DTOS[content].update, examples: { Replace: { value: { [content]: api.example } } } })
    async updateDocument(
      @RequestCaller() caller: Caller,
      @Body(content === 'settings' ? ReplaceSettingsPipe : ReplacePolicyPipe) change: SettingsChange,
      @RequestChangeOptions() options: RequestedChange,
      @RequestQuery(ChangeSettingsDto) { dryRun }: ChangeSettingsDto,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      const changed = await this.settings.change(document, caller, change, { ...options, isDryRun: dryRun });
      return replyToChange(reply, content, changed, `${title} updated successfully`);
    }

    @Patch()
    @ChangeRoute(api, {
      id: `patch${name}`,
      summary: `Patch ${noun}`,
      description:
        'Changes the document by a JSON Merge Patch (RFC 7396: objects merge, `null` deletes) or a JSON Patch (RFC 6902: operations that all apply or none; at most 256). The media type says which.',
      failed: `Failed to patch ${noun}`,
      mediaTypes: PATCH_TYPES,
      replies: {
        200: writtenReply(api, `${title} patched successfully`),
        400: invalidChangeReply(api, `Failed to patch ${noun}`, {
          'No JSON Patch': 'a JSON Patch must be an array of operations',
          'Wrong operation': 'operation 0: path must be a JSON Pointer (RFC 6901)',
        }),
        409: conflictReply(api),
        ...writeReplies,
        415: patchMediaTypeReply,
      },
    })
    @ApiConsumes(...PATCH_TYPES)
    @ApiBody(patchBodyOf(api))
    async patchDocument(
      @RequestCaller() caller: Caller,
      @BodyWithMediaType(content === 'settings' ? PatchSettingsPipe : PatchPolicyPipe) change: SettingsChange,
      @RequestChangeOptions() options: RequestedChange,
      @RequestQuery(ChangeSettingsDto) { dryRun }: ChangeSettingsDto,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      const changed = await this.settings.change(document, caller, change, { ...options, isDryRun: dryRun });
      return replyToChange(reply, content, changed, `${title} patched successfully`);
    }
  }
  return DocumentController;
}

/** Those of settings. */
function settingsControllerOf(api: SettingsApi): Type {
  const { document, content, name, noun, title } = api;
  const writeReplies = writeRepliesOf(api);

  @Controller(api.path)
  class SettingsController extends documentControllerOf(api) {
    @Put()
    @ChangeRoute(api, {
      id: `partiallyUpdate${name}`,
      summary: `Partially update ${noun}`,
      description:
        'Merges the body into the document. Objects merge at every depth; arrays, scalars and null replace; what the body does not name stays. Keys are literal: a dot in a key is part of its name.',
      failed: `Failed to partially update ${noun}`,
      replies: {
        200: writtenReply(api, `${title} partially updated successfully`),
        400: invalidChangeReply(api, `Failed to partially update ${noun}`, {
          'Not an object': 'the body must be an object',
          'Malformed JSON': 'Malformed JSON in request body',
          'Too deep': 'nested deeper than 32 levels',
        }),
        ...writeReplies,
      },
    })
    @ApiBody({
      schema: { type: 'object', additionalProperties: true },
      examples: { 'Two settings': { value: api.partExample } },
    })
    async partiallyUpdateSettings(
      @RequestCaller() caller: Caller,
      @Body(MergeSettingsPipe) change: SettingsChange,
      @RequestChangeOptions() options: RequestedChange,
      @RequestQuery(ChangeSettingsDto) { dryRun }: ChangeSettingsDto,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      const changed = await this.settings.change(document, caller, change, { ...options, isDryRun: dryRun });
      return replyToChange(reply, content, changed, `${title} partially updated successfully`);
    }

    @Delete()
    @ChangeRoute(api, {
      id: `delete${name}Keys`,
      summary: `Delete ${noun} keys`,
      description:
        'Removes the named keys and keeps everything else. A name that is not there is no error; an object that loses its last key stays as `{}`.',
      failed: `Failed to delete ${noun} keys`,
      replies: {
        200: writtenReply(api, `${title} keys deleted successfully`),
        400: invalidKeysReply(api, `Failed to delete ${noun} keys`),
        ...writeReplies,
      },
    })
    @ApiBody({
      type: DeleteSettingsKeysDto,
      examples: { 'A key and a path': { value: { keys: api.keysExample } } },
    })
    async deleteSettingsKeys(
      @RequestCaller() caller: Caller,
      @Body(DeleteKeysPipe) change: SettingsChange,
      @RequestChangeOptions() options: RequestedChange,
      @RequestQuery(ChangeSettingsDto) { dryRun }: ChangeSettingsDto,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      const changed = await this.settings.change(document, caller, change, { ...options, isDryRun: dryRun });
      return replyToChange(reply, content, changed, `${title} keys deleted successfully`);
    }
  }
  return SettingsController;
}

/** Those of a policy: merging schemas would make no sense, and a policy can be deleted. */
function policyControllerOf(api: SettingsApi): Type {
  const { document, content, name, noun, title } = api;

  @Controller(api.path)
  class PolicyController extends documentControllerOf(api) {
    @Delete()
    @ChangeRoute(api, {
      id: `delete${name}`,
      summary: `Delete ${noun}`,
      description: 'Leaves no policy. What it was can be restored. There is no body.',
      failed: `Failed to delete ${noun}`,
      replies: {
        200: writtenReply(api, `${title} deleted successfully`),
        400: invalidChangeReply(api, `Failed to delete ${noun}`, {
          'Unknown parameter': 'unknown parameter dryrun (did you mean dryRun?)',
        }),
        ...writeRepliesOf(api),
      },
    })
    async deletePolicy(
      @Req() { body }: FastifyRequest<{ Body: Buffer | undefined }>,
      @RequestCaller() caller: Caller,
      @RequestChangeOptions() options: RequestedChange,
      @RequestQuery(ChangeSettingsDto) { dryRun }: ChangeSettingsDto,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<string> {
      // On the paths of settings a body names what to delete.
      if ((body?.length ?? 0) > 0) throw new InvalidInputError('the request must not have a body');
      const changed = await this.settings.change(
        document,
        caller,
        { kind: 'delete' },
        { ...options, isDryRun: dryRun },
      );
      return replyToChange(reply, content, changed, `${title} deleted successfully`);
    }
  }
  return PolicyController;
}

function writeRepliesOf({ notFound }: SettingsApi): Record<number, Reply> {
  return notFound === undefined ? COMMON_CHANGE_REPLIES : { ...COMMON_CHANGE_REPLIES, 404: notFound };
}

export const settingsControllers = Object.values(SETTINGS_DOCUMENTS).map((api) =>
  api.content === 'settings' ? settingsControllerOf(api) : policyControllerOf(api),
);
