import { setTimeout as sleep } from 'node:timers/promises';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, HttpStatus, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorKind } from '../errors/app-error.js';
import {
  InternalError,
  InvalidInputError,
  PayloadTooLargeError,
  RouteNotFoundError,
  UnsupportedMediaTypeError,
} from '../errors/common.errors.js';
import { isDatabaseConnectionFailure } from '../errors/database-failure.js';
import { mediaTypesOf } from './body-parser.js';
import { endConnectionAfter } from './connection-end.js';
import { ERROR_CODE_HEADER } from './error-code-header.js';
import { JSON_TYPE, settingsEnvelope } from './error-envelope.js';

const HTTP_STATUS_OF: Record<ErrorKind, HttpStatus> = {
  invalid: HttpStatus.BAD_REQUEST,
  unauthorized: HttpStatus.UNAUTHORIZED,
  forbidden: HttpStatus.FORBIDDEN,
  'not-found': HttpStatus.NOT_FOUND,
  'not-acceptable': HttpStatus.NOT_ACCEPTABLE,
  conflict: HttpStatus.CONFLICT,
  'precondition-failed': HttpStatus.PRECONDITION_FAILED,
  'too-large': HttpStatus.PAYLOAD_TOO_LARGE,
  'unsupported-media-type': HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  'too-many-requests': HttpStatus.TOO_MANY_REQUESTS,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  internal: HttpStatus.INTERNAL_SERVER_ERROR,
};

const DEFAULT_ENVELOPE = settingsEnvelope();

/**
 * A body that is refused for its size or media type is still read to its end, up to this many bytes, so that its sender
 * can read the reply. Fastify would end the connection.
 */
const DRAINED_BYTES = 64 * 1024 * 1024;

/**
 * How much later than other errors one leaves that tells when to come back, in milliseconds, and how many wait for that
 * at most. Who comes back at once takes little of the others' time then; who does as told loses nothing.
 */
const REFUSAL_DELAY_MS = 250;
const MAX_DELAYED = 5_000;

/**
 * The one place where an error becomes a reply.
 *
 * 1. An `AppError` keeps its texts; errors of Nest and Fastify get texts of ours; anything else is a 500 with a fixed
 *    sentence and is logged whole, under the request's id.
 * 2. A caller without the right is told so before anything about the body.
 * 3. The envelope is the one that the route declares with `ErrorsIn`.
 * 4. 429 and 503 leave a moment later.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);
  private delayedCount = 0;

  async catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (isAborted(request)) return;
    const [error, cause] = await accessFirst(exception, request);
    if (error.kind === 'internal') {
      const stack = cause instanceof Error ? cause.stack : String(cause);
      this.logger.error(entryOf(request), stack);
    }
    if (error.kind === 'too-many-requests' || error.kind === 'unavailable') await this.delay();
    reply.header(ERROR_CODE_HEADER, error.code).headers(error.headers);
    if (reply.hasHeader('connection')) {
      endConnectionAfter(reply);
      if (isDrained(error, request)) reply.removeHeader('connection');
    }
    const envelope = request.routeOptions.config.errorEnvelope ?? DEFAULT_ENVELOPE;
    void reply.status(HTTP_STATUS_OF[error.kind]).type(JSON_TYPE).send(envelope(error));
  }

  private async delay(): Promise<void> {
    if (this.delayedCount >= MAX_DELAYED) return;
    this.delayedCount++;
    await sleep(REFUSAL_DELAY_MS);
    this.delayedCount--;
  }
}

/** Its ids lead to the entry from the reply, from the log line of the request, and from its trace. */
function entryOf({ id, method, routeOptions, trace }: FastifyRequest) {
  return {
    message: `Request ${id} failed: ${method} ${routeOptions.url}`,
    request_id: id,
    trace_id: trace?.traceId,
    span_id: trace?.spanId,
  };
}

function isDrained({ kind }: AppError, { headers }: FastifyRequest): boolean {
  const isOfBody = kind === 'too-large' || kind === 'unsupported-media-type';
  return isOfBody && Number(headers['content-length']) <= DRAINED_BYTES;
}

/** Whether the caller went away before the request was whole: there is nobody to answer. */
function isAborted(request: FastifyRequest): boolean {
  return request.raw.destroyed && !request.raw.complete;
}

/** The error to answer with, and what caused it. */
async function accessFirst(exception: unknown, request: FastifyRequest): Promise<[AppError, unknown]> {
  const error = toAppError(exception, request);
  if (error.kind !== 'invalid' || request.checkAccess === undefined) return [error, exception];
  try {
    await request.checkAccess();
    return [error, exception];
  } catch (refusal) {
    return [toAppError(refusal, request), refusal];
  }
}

function toAppError(exception: unknown, request: FastifyRequest): AppError {
  if (exception instanceof AppError) return exception;
  const status = statusOf(exception);
  if (status === undefined || status >= 500) {
    // 500 and not 503, which clients take for a request that was not carried out: a change that was sent may be stored.
    return new InternalError(isDatabaseConnectionFailure(exception) ? 'Database connection failed' : undefined);
  }
  if (request.is404 || status === 404 || status === 403) return new RouteNotFoundError();
  if (status === 413) return new PayloadTooLargeError('the request body is larger than allowed');
  if (status === 415) return new UnsupportedMediaTypeError(request.method, mediaTypesOf(request));
  return new InvalidInputError('the request is malformed');
}

/** The status that Nest (`HttpException`) or Fastify and its plugins (`statusCode`) chose. */
function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (exception instanceof Error && 'statusCode' in exception && typeof exception.statusCode === 'number') {
    return exception.statusCode;
  }
  return undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Looks into the database, and throws if the caller may not do what the request asks for. */
    checkAccess?: () => Promise<void>;
  }
}
