import { Body, Controller, Delete, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../auth/access.decorator.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, settingsEnvelope } from '../common/http/error-envelope.js';
import { COMMON_REPLIES, notJsonReply, refusedReply, userNotFoundReply } from '../common/http/refused.replies.js';
import { BodyPipe } from '../common/validation/body.pipe.js';
import type { Caller } from '../organization/caller.js';
import { RequestCaller } from '../organization/request-caller.decorator.js';
import { MarkEventsDto } from './dto/mark-events.dto.js';
import { QueryEventsDto } from './dto/query-events.dto.js';
import { MarkEventsResponseDto, QueryEventsResponseDto } from './dto/system-event.response.dto.js';
import { MarkedEventsPipe } from './marked-events.pipe.js';
import { SystemEventService } from './system-event.service.js';

const QUERY_FAILED = 'Failed to get system events';
const MARK_FAILED = 'Failed to mark system events';

const EXAMPLE = {
  id: 372836014055424,
  timestamp: '2026-11-21T12:00:00.000Z',
  contextId: '123e4567-e89b-12d3-a456-426614174000',
  context: 'orgsettings',
  event: 'updated',
  orgId: '123e4567-e89b-12d3-a456-426614174000',
  userId: '3f1c1c0e-5d3b-4c58-9a55-0c9a3a5c9f10',
  userName: 'Ada Lovelace',
  userEmail: 'ada@acme.com',
  workspaceId: null,
  jsonData:
    '{"version":2,"operation":"merge","patch":[{"op":"replace","path":"/maxFileSize","value":"20GB"}],"operations":1,"requestId":"b7e6d1f0-95a5-4a37-8a8f-0a3c9d1f2e4b","reason":null}',
  showUnread: true,
};

const EVENT_REPLIES = {
  ...COMMON_REPLIES,
  404: userNotFoundReply,
  413: {
    name: 'BodyTooLarge',
    ...refusedReply('The body is too large.', 'Payload too large', { Body: 'the request body is larger than allowed' }),
  },
  415: notJsonReply,
};

const MARK_REPLIES = {
  200: {
    description: 'The events are marked.',
    type: MarkEventsResponseDto,
    examples: { Success: { success: true } },
  },
  400: {
    name: 'InvalidMark',
    ...refusedReply('The request is wrong, and nothing was marked.', MARK_FAILED, {
      'No events': 'id or ids is required',
      'No id': 'id must be the id of an event',
    }),
  },
  ...EVENT_REPLIES,
  404: {
    ...userNotFoundReply,
    name: 'EventNotFound',
    description: 'An event does not exist or is not for the caller; nothing was marked. Or the user does not exist.',
    examples: {
      ...userNotFoundReply.examples,
      'No event': { success: false, message: 'Event not found', error: 'there is no event 5' },
    },
  },
};

const MARK_EXAMPLES = { One: { value: { id: EXAMPLE.id } }, Several: { value: { ids: [EXAMPLE.id] } } };

const MARK_DESCRIPTION =
  'For the caller alone. The ids are those that `POST /systemevent` shows.\n\n**Role:** none; each caller has marks of their own.';

/** What happened to organizations, users and their settings. */
@Controller('systemevent')
@ApiTags('System events')
@ApiBearerAuth()
export class SystemEventController {
  constructor(private readonly events: SystemEventService) {}

  @Post()
  @HttpCode(HttpStatus.OK)
  @Access({ roles: 'user' })
  @ErrorsIn(settingsEnvelope(QUERY_FAILED))
  @ApiOperation({
    summary: 'Query system events',
    description:
      'Who changed what and when, newest first: organizations, users and settings. Values of secrets are masked.\n\n**Role:** ADMINISTRATOR and OWNER see the events of their organization, others their own.',
  })
  @ApiBody({
    type: QueryEventsDto,
    examples: {
      'The last day': { value: { skip: 0, take: 20 } },
      'Changes of organization settings': {
        value: { context: 'orgsettings', event: 'updated', skip: 0, take: 20 },
      },
    },
  })
  @ApiReplies({
    200: {
      description: 'The events.',
      type: QueryEventsResponseDto,
      examples: { 'One event': { events: [EXAMPLE], total: 1, skip: 0, take: 20 } },
    },
    400: refusedReply('The request is wrong.', QUERY_FAILED, {
      'Too many': 'take must not be greater than 100',
      'Unknown member': 'unknown member contextid (did you mean contextId?)',
      'Wrong time': 'from_timestamp must be a date-time with an offset, such as 2026-11-21T12:00:00Z',
    }),
    ...EVENT_REPLIES,
  })
  async querySystemEvents(
    @RequestCaller() caller: Caller,
    @Body(new BodyPipe(QueryEventsDto, { isStrict: true })) query: QueryEventsDto,
  ): Promise<QueryEventsResponseDto> {
    const { from_timestamp: from, to_timestamp: to, showUnread = false, skip, take, ...conditions } = query;
    const { events, total, more } = await this.events.query(caller, {
      ...conditions,
      ...(from && { from }),
      ...(to && { to }),
      onlyUnread: showUnread,
      skip,
      take,
    });
    return { events, total, ...(more && { more }), skip, take };
  }

  @Post('read')
  @HttpCode(HttpStatus.OK)
  @Access({ roles: 'user' })
  @ErrorsIn(settingsEnvelope(MARK_FAILED))
  @ApiOperation({
    summary: 'Mark system events as read',
    description: MARK_DESCRIPTION,
  })
  @ApiBody({ type: MarkEventsDto, examples: MARK_EXAMPLES })
  @ApiReplies(MARK_REPLIES)
  async markSystemEventsRead(
    @RequestCaller() caller: Caller,
    @Body(MarkedEventsPipe) ids: number[],
  ): Promise<MarkEventsResponseDto> {
    await this.events.markRead(caller, ids);
    return { success: true };
  }

  @Delete('read')
  @Access({ roles: 'user' })
  @ErrorsIn(settingsEnvelope(MARK_FAILED))
  @ApiOperation({
    summary: 'Mark system events as unread',
    description: MARK_DESCRIPTION,
  })
  @ApiBody({ type: MarkEventsDto, examples: MARK_EXAMPLES })
  @ApiReplies(MARK_REPLIES)
  async markSystemEventsUnread(
    @RequestCaller() caller: Caller,
    @Body(MarkedEventsPipe) ids: number[],
  ): Promise<MarkEventsResponseDto> {
    await this.events.markUnread(caller, ids);
    return { success: true };
  }
}
