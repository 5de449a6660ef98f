import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { preconditionsOf } from '../common/http/request-preconditions.decorator.js';
import { changeOriginOf } from '../history/change-origin.decorator.js';
import type { ChangeOptions } from './settings-change.js';

/**
 * How a request wants its change to be made: its preconditions, its `Change-Reason`, and `?dryRun=true`.
 *
 * @throws InvalidInputError
 */
export const RequestChangeOptions = createParamDecorator((_: unknown, context: ExecutionContext): ChangeOptions => {
  const request = context.switchToHttp().getRequest<FastifyRequest<{ Querystring: { dryRun?: unknown } }>>();
  const { dryRun = 'false' } = request.query;
  if (dryRun !== 'true' && dryRun !== 'false') throw new InvalidInputError('dryRun must be true or false');
  return {
    preconditions: preconditionsOf(request),
    origin: changeOriginOf(request),
    isDryRun: dryRun === 'true',
  };
});
