import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { preconditionsOf } from '../common/http/request-preconditions.decorator.js';
import { changeOriginOf } from '../history/change-origin.decorator.js';
import type { ChangeOptions } from './settings-change.js';

/** What a request says about its change beside its body. */
export type RequestedChange = Pick<ChangeOptions, 'preconditions' | 'origin' | 'wantsImpact'>;

/**
 * How a request wants its change to be made: its preconditions, its `Change-Reason`, and whether
 * it asks for the impact.
 *
 * @throws InvalidInputError
 */
export const RequestChangeOptions = createParamDecorator((_: unknown, context: ExecutionContext): RequestedChange => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { impact } = request.query as { impact?: unknown };
  return {
    preconditions: preconditionsOf(request),
    origin: changeOriginOf(request),
    wantsImpact: impact === 'true',
  };
});
