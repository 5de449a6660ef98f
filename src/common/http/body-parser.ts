import { Transform } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UnsupportedMediaTypeError } from '../errors/common.errors.js';
import type { BodyBudget, Reservation } from './body-budget.js';

const JSON_TYPE = ['application/json'];

/** RFC 7396 and RFC 6902. */
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
export const JSON_PATCH_TYPE = 'application/json-patch+json';
export const PATCH_TYPES = [MERGE_PATCH_TYPE, JSON_PATCH_TYPE];

/** The media types of the bodies that a request's route takes. */
export function mediaTypesOf(request: FastifyRequest): readonly string[] {
  return request.routeOptions.config.mediaTypes ?? JSON_TYPE;
}

/** The media type of a request's body, without its parameters. */
export function mediaTypeOf({ headers }: FastifyRequest): string | undefined {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase();
}

/**
 * Takes JSON bodies as the bytes that were sent; each route's pipe reads them after the guards, so that nothing that
 * `JSON.parse` would round or rename is lost, and a refused caller never hears about their body. Anything else is
 * refused (415), except an empty body: without content there is no media type to judge (RFC 9110 §8.3).
 */
export function takeJsonBodiesAsBytes(fastify: FastifyInstance, budget: BodyBudget): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser([...JSON_TYPE, ...PATCH_TYPES], { parseAs: 'buffer' }, (request, body, done) => {
    if (request.reservation !== undefined) budget.arrived(request.reservation);
    if (body.length === 0 || isTaken(request)) done(null, body);
    else done(unsupportedMediaType(request));
  });
  fastify.addContentTypeParser('*', (request, payload, done) => {
    const refuse = () => done(unsupportedMediaType(request));
    if (Number(request.headers['content-length']) > 0) return refuse();
    // Only the end of a chunked body shows that it is empty.
    payload.once('data', () => {
      payload
        .removeListener('end', accept)
        .removeListener('error', done)
        .on('error', () => undefined);
      refuse();
    });
    const accept = () => done(null, undefined);
    payload.once('end', accept).once('error', done);
  });
  fastify.addHook('preParsing', ({ reservation }, _, payload, done) => {
    if (reservation?.isOfUnknownLength) done(null, payload.pipe(extending(reservation, budget)));
    else done(null, payload);
  });
}

/** Passes a body of unknown length through, and sets memory aside for it as it arrives. */
function extending(reservation: Reservation, budget: BodyBudget): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      try {
        budget.extend(reservation, chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function isTaken(request: FastifyRequest): boolean {
  const { 'content-type': type = '', 'content-encoding': codings = '' } = request.headers;
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1];
  return (
    mediaTypesOf(request).includes(mediaTypeOf(request) ?? '') &&
    (charset === undefined || /^utf-?8$/i.test(charset)) &&
    codings.split(',').every((coding) => /^\s*(identity)?\s*$/i.test(coding))
  );
}

function unsupportedMediaType(request: FastifyRequest): UnsupportedMediaTypeError {
  return new UnsupportedMediaTypeError(request.method, mediaTypesOf(request));
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of the route's bodies; absent: `application/json`. */
    mediaTypes?: readonly string[];
  }

  interface FastifyRequest {
    /** Of the body, up to the end of the reply. */
    reservation?: Reservation;
  }
}
