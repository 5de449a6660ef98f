import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { plainTextProblemOf } from '../common/validation/is-plain-text.decorator.js';
import type { ChangeOrigin } from './change-origin.js';

/** The most characters of a `Change-Reason`. */
export const MAX_REASON_LENGTH = 500;

/**
 * The request and its `Change-Reason`: one line of text in UTF-8, blank or absent when there is none.
 *
 * @throws InvalidInputError
 */
export function changeOriginOf({ id, headers }: FastifyRequest): ChangeOrigin {
  const header = headers['change-reason'];
  // Node reads a header's bytes as Latin-1, whatever they are.
  const reason = Buffer.from(Array.isArray(header) ? header.join(', ') : (header ?? ''), 'latin1')
    .toString('utf8')
    .trim();
  const problem = reason.includes('\ufffd') ? 'must be UTF-8' : plainTextProblemOf(reason, { max: MAX_REASON_LENGTH });
  if (problem !== undefined) throw new InvalidInputError(`Change-Reason ${problem}`);
  return { requestId: id, reason: reason === '' ? null : reason };
}

/** @throws InvalidInputError */
export const RequestChangeOrigin = createParamDecorator((_: unknown, context: ExecutionContext) =>
  changeOriginOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
