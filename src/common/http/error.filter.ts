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
import { settingsEnvelope } from './error-envelope.js';

const HTTP_STATUS_OF: Record<ErrorKind, HttpStatus> = {
  invalid: HttpStatus.BAD_REQUEST,
  unauthorized: HttpStatus.UNAUTHORIZED,
  forbidden: HttpStatus.FORBIDDEN,
  'not-found': HttpStatus.NOT_FOUND,
  'too-large': HttpStatus.PAYLOAD_TOO_LARGE,
  'unsupported-media-type': HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
  internal: HttpStatus.INTERNAL_SERVER_ERROR,
};

const DEFAULT_ENVELOPE = settingsEnvelope();

/**
 * The one place where an error becomes a reply.
 *
 * 1. An `AppError` keeps its texts; what Nest and Fastify refuse by themselves gets ours; anything else is a 500 with
 *    a fixed sentence and is logged whole, under the request's id.
 * 2. The envelope is the one that the route declares with `ErrorsIn`.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toAppError(exception);
    if (error.kind === 'internal') {
      const stack = exception instanceof Error ? exception.stack : String(exception);
      this.logger.error(`Request ${request.id} failed: ${request.method} ${request.routeOptions.url}`, stack);
    }
    if (error.kind === 'unauthorized' && 'challenge' in error) {
      reply.header('WWW-Authenticate', error.challenge);
    }
    const envelope = request.routeOptions.config.errorEnvelope ?? DEFAULT_ENVELOPE;
    void reply.status(HTTP_STATUS_OF[error.kind]).type('application/json; charset=utf-8').send(envelope(error));
  }
}

function toAppError(exception: unknown): AppError {
  if (exception instanceof AppError) return exception;
  switch (statusOf(exception)) {
    case HttpStatus.NOT_FOUND:
      return new RouteNotFoundError();
    case HttpStatus.PAYLOAD_TOO_LARGE:
      return new PayloadTooLargeError('the request body is larger than allowed');
    case HttpStatus.UNSUPPORTED_MEDIA_TYPE:
      return new UnsupportedMediaTypeError();
    case HttpStatus.BAD_REQUEST:
      return new InvalidInputError('the request is malformed');
    default:
      return new InternalError(isDatabaseConnectionFailure(exception) ? 'Database connection failed' : undefined);
  }
}

/** The status that Nest (`HttpException`) or Fastify (`statusCode`, with a code of its own) chose. */
function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (exception instanceof Error && 'code' in exception && String(exception.code).startsWith('FST_')) {
    return (exception as Error & { statusCode?: number }).statusCode;
  }
  return undefined;
}
