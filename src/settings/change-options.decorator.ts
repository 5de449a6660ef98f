import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { preconditionsOf } from '../common/http/request-preconditions.decorator.js';
import { changeOriginOf } from '../history/change-origin.decorator.js';
import type { ChangeOptions } from './settings-change.js';

/** What the headers of a request say about its change. */
export type RequestedChange = Pick<ChangeOptions, 'preconditions' | 'origin'>;

/**
 * How a request wants its change to be made: its preconditions and its `Change-Reason`.
 *
 * @throws InvalidInputError
 */
export const RequestChangeOptions = createParamDecorator((_: unknown, context: ExecutionContext): RequestedChange => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { preconditions: preconditionsOf(request), origin: changeOriginOf(request) };
});
