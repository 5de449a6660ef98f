import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig } from 'fastify';
import type { AppError } from '../errors/app-error.js';
import { InvalidInputError } from '../errors/common.errors.js';

/** Of every reply of the API. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** Turns an error into the body that the clients of a route expect. */
export type ErrorEnvelope = (error: AppError) => object;

/**
 * `{success:false, message, error?}`.
 *
 * @param invalid the message of a 400 on this route; what was wrong goes into `error`.
 */
export function settingsEnvelope(invalid = 'Bad request'): ErrorEnvelope {
  return (error) => ({
    success: false,
    message: error instanceof InvalidInputError ? invalid : error.message,
    ...(error.detail === undefined ? {} : { error: error.detail }),
  });
}

/**
 * `{success:false, data:null, message, error?}`, where the message itself says what was wrong; `error` only adds why
 * something is not found.
 */
export const organizationEnvelope: ErrorEnvelope = (error) => ({
  success: false,
  data: null,
  message: error.message,
  ...(error.kind === 'not-found' && error.detail !== undefined && { error: error.detail }),
});

/**
 * Declares the envelope of a route's errors. It travels in Fastify's route configuration, so that it also holds for
 * what Fastify refuses before any handler runs (413, 415).
 *
 * @param further anything else that the route configures there; a second decorator would replace this one
 */
export const ErrorsIn = (errorEnvelope: ErrorEnvelope, further: FastifyContextConfig = {}) =>
  RouteConfig({ ...further, errorEnvelope });

declare module 'fastify' {
  interface FastifyContextConfig {
    errorEnvelope?: ErrorEnvelope;
  }
}
