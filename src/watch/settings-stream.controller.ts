import type { OutgoingHttpHeaders } from 'node:http';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedRequest } from '../auth/principal.js';
import { tokenEndOf } from '../auth/token-end.js';
import { NotAcceptableError } from '../common/errors/common.errors.js';
import { weightOf } from '../common/http/accept.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { ErrorsIn, settingsEnvelope } from '../common/http/error-envelope.js';
import { COMMON_REPLIES, refusedReply } from '../common/http/refused.replies.js';
import { markStream } from '../observability/stalled-replies.js';
import { ORGANIZATION_HEADER } from '../service-account/organization-header.js';
import { SettingsStreamService } from './settings-stream.service.js';

const FAILED = 'Failed to stream changes';

const ACME = '123e4567-e89b-12d3-a456-426614174000';

const EXAMPLE = `retry: 2000
event: ready
id: v4.17.3.${ACME}.2.5.1
data: {"user":{"version":"4"},"organization":{"id":"${ACME}","settings":{"version":"17"},"profile":{"version":"3"},"policy":{"version":"2"}},"system":{"settings":{"version":"5"},"policy":{"version":"1"}}}

event: change
id: v4.18.3.${ACME}.2.5.1
data: {"document":"organization-settings","organizationId":"${ACME}","version":"18","etag":"\\"18-hG3kQ0xW\\""}

:

event: end
data: {"reason":"token-expired"}

`;

/** Which versions there are, and each new one as it comes. */
@Controller('settings/stream')
@ApiTags('Changes')
@ApiBearerAuth()
export class SettingsStreamController {
  constructor(private readonly streams: SettingsStreamService) {}

  @Get()
  @Access({ roles: 'user', scope: 'settings:read' })
  @ErrorsIn(settingsEnvelope(FAILED), { variesBy: `Authorization, ${ORGANIZATION_HEADER}` })
  @ApiOperation({
    summary: 'Stream changes',
    description:
      'Server-sent events about new versions; no values travel. `ready` says which there are, first on every ' +
      'connection; `change` that there is another. Several changes may be told as one; the last version is always ' +
      'told. `end` says that the stream is over for good, and why: `forbidden`, `moved` (to another organization) or ' +
      '`token-expired`. With `Last-Event-ID`, what is newer is told at once, by any instance.\n\n' +
      'A user watches their own settings, the settings, policy and profile of their organization, and the settings and ' +
      'policy of the system, without which the settings that apply would not be known. A service account watches ' +
      'the organization in `X-Organization-Id` or, without that header and if it is one of all organizations, all of ' +
      'them, without the system: then `ready` has only its id.\n\n' +
      '**Role:** none, or a service account with the scope `settings:read`, for settings, or `organization:read`, ' +
      'for profiles.',
  })
  @ApiHeader({
    name: ORGANIZATION_HEADER,
    required: false,
    schema: { type: 'string', format: 'uuid' },
    description: 'For service accounts: the organization to watch; ignored for users.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    schema: { type: 'string' },
    description: 'The id of the last event of an earlier stream.',
  })
  @ApiReplies({
    200: {
      description: 'The stream. It ends when the caller closes it, may no longer read, or the instance stops.',
      text: EXAMPLE,
      mediaType: 'text/event-stream',
    },
    400: refusedReply('The request is wrong.', FAILED, {
      'Unknown parameter': 'unknown parameter wait (known: none)',
      'Wrong id': 'Last-Event-ID must be the id of an event of this stream',
      'Service account': 'X-Organization-Id is required',
    }),
    403: refusedReply(
      'The caller is a service account that may read neither settings nor profiles.',
      'Insufficient permissions: the scope settings:read is required',
      { 'No scope': undefined },
    ),
    404: refusedReply('There is no such user or service account.', 'User not found', { 'No user': undefined }),
    406: refusedReply('`Accept` excludes what the reply would be.', 'Not acceptable', {
      Accept: 'the reply is text/event-stream',
    }),
    ...COMMON_REPLIES,
  })
  async streamSettings(@Req() request: AuthenticatedRequest, @Res() reply: FastifyReply): Promise<void> {
    const { headers, user, since } = request;
    const named = headers[ORGANIZATION_HEADER.toLowerCase()]?.toString().toLowerCase();
    const subject = await this.streams.admit(user.userId, named || undefined, since);
    if (subject.organizationId !== 'all') request.organizationId = subject.organizationId;
    if (!(weightOf(headers.accept, 'text/event-stream') > 0)) throw new NotAcceptableError('text/event-stream');
    const open = this.streams.prepare(subject, headers['last-event-id']?.toString());
    reply
      .header('content-type', 'text/event-stream')
      .header('cache-control', 'no-store')
      // Nginx would gather what is to be there at once.
      .header('x-accel-buffering', 'no');
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders);
    if (request.method === 'HEAD') raw.end();
    else raw.flushHeaders();
    const openedAt = performance.now();
    Object.defineProperty(request, 'waitedMs', { get: () => performance.now() - openedAt });
    markStream(raw);
    await open(raw, tokenEndOf(request));
  }
}
