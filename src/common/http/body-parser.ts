import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UnsupportedMediaTypeError } from '../errors/common.errors.js';

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
 * `JSON.parse` would round or rename is lost, and a refused caller never hears about their body. Anything else is 415.
 */
export function takeJsonBodiesAsBytes(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser([...JSON_TYPE, ...PATCH_TYPES], { parseAs: 'buffer' }, (request, body, done) => {
    const mediaTypes = mediaTypesOf(request);
    const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
    const coding = request.headers['content-encoding'] ?? 'identity';
    const isUtf8 = charset === undefined || /^utf-?8$/i.test(charset);
    const isTaken = mediaTypes.includes(mediaTypeOf(request) ?? '');
    if (isTaken && isUtf8 && coding === 'identity') done(null, body);
    else done(new UnsupportedMediaTypeError(request.method, mediaTypes));
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Those of the route's bodies, where that is not `application/json`. */
    mediaTypes?: readonly string[];
  }
}
