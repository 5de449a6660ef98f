import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { HealthResponseDto, OnlineResponseDto } from './dto/health.response.dto.js';
import { HealthService } from './health.service.js';

const ONLINE = { success: true, message: 'Flashback API is online' };
const UP: HealthResponseDto = { success: true, message: 'OK', dependencies: { database: { status: 'up' } } };
const DOWN: HealthResponseDto = {
  success: false,
  message: 'Service unavailable',
  dependencies: { database: { status: 'down' } },
};

/** Whether the service is there, and whether it can work. */
@Controller()
@ApiTags('Service')
export class HealthController {
  constructor(private readonly health: HealthService) {}

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
    description: 'Whether the service and everything that it depends on work.\n\n**Role:** none, no token.',
  })
  @ApiReplies({
    200: { description: 'Everything is up.', type: HealthResponseDto, examples: { Up: UP } },
    503: { description: 'The database is away.', type: HealthResponseDto, examples: { 'Database away': DOWN } },
  })
  async getHealth(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthResponseDto> {
    if (await this.health.isDatabaseUp()) return UP;
    reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return DOWN;
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
