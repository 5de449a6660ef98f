import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { DrainService } from './drain.service.js';
import { HealthResponseDto, OnlineResponseDto } from './dto/health.response.dto.js';
import { HealthService } from './health.service.js';

const ONLINE = { success: true, message: 'Flashback API is online' };
const UP: HealthResponseDto = { success: true, message: 'OK', dependencies: { database: { status: 'up' } } };
const DOWN: HealthResponseDto = {
  success: false,
  message: 'Service unavailable',
  dependencies: { database: { status: 'down' } },
};
const STOPPING: HealthResponseDto = { ...UP, success: false, message: 'Shutting down' };

/** Whether the service is there, and whether it can work. */
@Controller()
@ApiTags('Service')
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly drain: DrainService,
  ) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'Say hello', description: 'Says that the API is online.\n\n**Role:** none, no token.' })
  @ApiReplies({
    200: { description: 'The API is online.', type: OnlineResponseDto, examples: { Online: ONLINE } },
  })
  getRoot(): OnlineResponseDto {
    return ONLINE;
  }

  @Get('health')
  @Public()
  @ApiOperation({
    summary: 'Check readiness',
    description:
      'Whether requests should come here: everything that the service depends on works, and it was not told to stop.\n\n**Role:** none, no token.',
  })
  @ApiReplies({
    200: { description: 'Everything is up.', type: HealthResponseDto, examples: { Up: UP } },
    503: {
      description: 'The database is away, or the service was told to stop.',
      type: HealthResponseDto,
      examples: { 'Database away': DOWN, Stopping: STOPPING },
    },
  })
  async getHealth(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthResponseDto> {
    const isUp = await this.health.isDatabaseUp();
    if (isUp && !this.drain.isDraining) return UP;
    reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return isUp ? STOPPING : DOWN;
  }

  @Get('health/live')
  @Public()
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
