import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ChangeOrigin } from './change-origin.js';
import { readChangeReason } from './change-reason.js';

/**
 * The request and its `Change-Reason`.
 *
 * @throws InvalidInputError
 */
export function changeOriginOf({ id, headers }: FastifyRequest): ChangeOrigin {
  const header = headers['change-reason'] ?? '';
  return { requestId: id, reason: readChangeReason(Array.isArray(header) ? header.join(', ') : header) };
}

/** @throws InvalidInputError */
export const RequestChangeOrigin = createParamDecorator((_: unknown, context: ExecutionContext) =>
  changeOriginOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
