import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.decorator.js';
import { RouteNotFoundError } from '../common/errors/common.errors.js';
import { AddressList } from '../common/http/address-list.js';
import { ApiReplies } from '../common/http/api-reply.decorator.js';
import { AnyQuery } from '../common/validation/request-query.decorator.js';
import { Environment } from '../config/environment.js';
import { Metrics } from '../observability/metrics.js';
import { NotFoundResponseDto } from './dto/not-found.response.dto.js';

const EXAMPLE = `# HELP http_requests_in_flight Requests that are not answered yet.
# TYPE http_requests_in_flight gauge
http_requests_in_flight 1
`;

/** The metrics, for who may collect them: a matter of addresses, because collectors have no users. */
@Controller()
@AnyQuery()
@ApiTags('Service')
export class MetricsController {
  private readonly allowed: AddressList;

  constructor(
    private readonly metrics: Metrics,
    environment: Environment,
  ) {
    this.allowed = new AddressList(environment.METRICS_ALLOWED_FROM);
  }

  @Get('metrics')
  @Public({ isProbe: true })
  @ApiOperation({
    summary: 'Collect metrics',
    description:
      'Everything that is measured, in the text format of Prometheus. Answers only to addresses that the operator ' +
      'allowed, by default those of the same machine.\n\n**Role:** none, no token.',
  })
  @ApiReplies({
    200: { description: 'The metrics.', text: EXAMPLE },
    404: {
      description: 'The address is not allowed to see them.',
      type: NotFoundResponseDto,
      examples: { 'Not allowed': { success: false, message: 'Not found' } },
    },
  })
  async getMetrics(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    // The connection's own address: headers about it can say anything.
    if (!this.allowed.includes(request.raw.socket.remoteAddress)) throw new RouteNotFoundError();
    const { text, mediaType } = await this.metrics.collect();
    reply.type(mediaType);
    return text;
  }
}
