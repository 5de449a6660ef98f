import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Preconditions } from '../concurrency/preconditions.js';

/** What a request demands of the current version with `If-Match` and `If-None-Match`. */
export function preconditionsOf({ headers }: FastifyRequest): Preconditions {
  return Preconditions.parse(headers['if-match'], headers['if-none-match']);
}

/** @throws InvalidInputError */
export const RequestPreconditions = createParamDecorator((_: unknown, context: ExecutionContext) =>
  preconditionsOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
