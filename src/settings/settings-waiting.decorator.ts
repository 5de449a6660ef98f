import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tokenEndOf } from '../auth/token-end.js';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { waitPreferenceOf } from '../watch/wait-preference.js';
import type { ReadSettingsDto } from './dto/read-settings.dto.js';
import type { Waited, Wait } from './settings-waiting.service.js';

/** The most seconds that callers who waited at an instance that stops are asked to stay away. */
const MAX_RETRY_AFTER_SECONDS = 3;

/** Documents the header that makes a read wait. */
export const ApiWaitingRead = () =>
  ApiHeader({
    name: 'Prefer',
    required: false,
    schema: { type: 'string', example: 'wait=25' },
    description: 'The same as the parameter `wait`; what is longer than 60 seconds is cut (RFC 7240 §4.3).',
  });

/** A wait that a request asks for. */
export interface RequestedWait extends Wait {
  /** Says on the reply how the wait ended. */
  tell<Result extends Waited>(waited: Result): Result;
}

/**
 * How long a read waits: as long as `wait` says, or else `Prefer`, but no longer than the token is valid. A caller who
 * names no version that they have, or asks for another time with `at`, does not wait.
 *
 * @throws InvalidInputError
 */
export function waitOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { at, wait }: ReadSettingsDto,
): RequestedWait | undefined {
  if (at !== undefined && wait !== undefined) throw new InvalidInputError('wait cannot be given with at');
  const preferred =
    wait === undefined && at === undefined ? waitPreferenceOf(request.headers.prefer?.toString()) : undefined;
  const seconds = wait ?? preferred;
  if (seconds === undefined || request.headers['if-none-match'] === undefined) return undefined;
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return {
    ms: Math.max(0, Math.min(seconds * 1000, tokenEndOf(request) - Date.now())),
    gone: gone.signal,
    tell: (waited) => {
      request.waitedMs = waited.waitedMs;
      if (preferred !== undefined) reply.header('Preference-Applied', `wait=${preferred}`);
      if (waited.isDraining) {
        reply.header('Retry-After', String(1 + Math.floor(Math.random() * MAX_RETRY_AFTER_SECONDS)));
      }
      return waited;
    },
  };
}
