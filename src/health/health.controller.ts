import { Controller, Get, Header, HttpStatus, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import type { ErrorCode } from '../common/errors/error-code.js';
import { weightOf } from '../common/http/accept.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { ERROR_CODE_HEADER } from '../common/http/error-code-header.js';
import { tooManyRequestsReply } from '../common/http/refused.replies.js';
import { addVary } from '../common/http/vary.js';
import { AnyQuery } from '../common/validation/request-query.decorator.js';
import { DrainService } from './drain.service.js';
import { HealthResponseDto, OnlineResponseDto } from './dto/health.response.dto.js';
import { HealthService } from './health.service.js';

const ONLINE = { success: true, message: 'Flashback API is online' };
/** Where to read on (RFC 8631). */
const LINKS =
  '</docs>; rel="service-doc"; type="text/html", </openapi.json>; rel="service-desc"; type="application/json"';
const LINK = {
  Link: {
    description: 'The page that explains the API, and the OpenAPI document (RFC 8631).',
    schema: { type: 'string' as const },
  },
};

const UP = { status: 'up' } as const;
const DOWN = { status: 'down' } as const;
const OK = { success: true, message: 'OK' };
const DEGRADED = { success: true, message: 'Degraded' };
const UNAVAILABLE = { success: false, message: 'Service unavailable' };
const STOPPING = { success: false, message: 'Shutting down' };

/** Whether the service is there, and whether it can work. */
@Controller()
@AnyQuery()
@ApiTags('Service')
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly drain: DrainService,
  ) {}

  @Get()
  @Public()
  @Header('Link', LINKS)
  @ApiOperation({
    summary: 'Say hello',
    description:
      'Says that the API is online. Who would rather have HTML, as browsers do, is led to the console.\n\n' +
      '**Role:** none, no token.',
  })
  @ApiReplies({
    200: { description: 'The API is online.', type: OnlineResponseDto, examples: { Online: ONLINE }, headers: LINK },
    302: { description: 'For browsers: `Location` is the console, `./console`.' },
    429: tooManyRequestsReply({ Address: 'at most 6000 requests a minute are allowed for each address' }),
  })
  getRoot(
    @Req() { headers: { accept } }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): OnlineResponseDto | undefined {
    addVary(reply, 'Accept');
    const isForReaders = weightOf(accept, 'text/html') > weightOf(accept, 'application/json');
    // It may be switched off, or not built.
    if (!isForReaders || !reply.server.hasRoute({ method: 'GET', url: '/console' })) return ONLINE;
    // Behind a proxy the service may be under a path of its own, which it does not know.
    reply.status(HttpStatus.FOUND).header('location', './console');
    return undefined;
  }

  @Get('health')
  @Public({ isProbe: true })
  @ApiOperation({
    summary: 'Check readiness',
    description:
      'Whether requests should come here: what the service cannot do without is up, and it was not told to stop. ' +
      'Redis and the key server, where they are configured, may be away for a while: then the service works on.' +
      '\n\n**Role:** none, no token.',
  })
  @ApiReplies({
    200: {
      description: 'Everything is up, or what is away can be done without.',
      type: HealthResponseDto,
      examples: {
        Up: { ...OK, dependencies: { database: UP } },
        'Redis away': { ...DEGRADED, dependencies: { database: UP, redis: DOWN, keyServer: UP } },
      },
    },
    503: {
      description: 'The database is away, no key is known to verify tokens with, or the service was told to stop.',
      type: HealthResponseDto,
      examples: {
        'Database away': { ...UNAVAILABLE, dependencies: { database: DOWN } },
        'No keys yet': { ...UNAVAILABLE, dependencies: { database: UP, keyServer: DOWN } },
        Stopping: { ...STOPPING, dependencies: { database: UP } },
      },
    },
  })
  async getHealth(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthResponseDto> {
    const { state, dependencies } = await this.health.find();
    const isStopping = this.drain.isDraining && state !== 'unavailable';
    const verdict = isStopping ? STOPPING : { ok: OK, degraded: DEGRADED, unavailable: UNAVAILABLE }[state];
    if (!verdict.success) {
      reply.status(HttpStatus.SERVICE_UNAVAILABLE).header(ERROR_CODE_HEADER, 'UNAVAILABLE' satisfies ErrorCode);
    }
    return { ...verdict, dependencies };
  }

  @Get('health/live')
  @Public({ isProbe: true })
  @ApiOperation({
    summary: 'Check liveness',
    description: 'Whether the process answers, whatever it depends on.\n\n**Role:** none, no token.',
  })
  @ApiReplies({
    200: { description: 'The process answers.', type: OnlineResponseDto, examples: { Live: ONLINE } },
  })
  getLiveness(): OnlineResponseDto {
    return ONLINE;
  }
}
