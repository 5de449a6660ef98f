import type { FastifyInstance } from 'fastify';
import { UnsupportedMediaTypeError } from '../errors/common.errors.js';

/**
 * Takes JSON bodies as the bytes that were sent; each route's pipe reads them after the guards, so that nothing that
 * `JSON.parse` would round or rename is lost, and a refused caller never hears about their body. Anything else is 415.
 */
export function takeJsonBodiesAsBytes(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
    const coding = request.headers['content-encoding'] ?? 'identity';
    const isUtf8 = charset === undefined || /^utf-?8$/i.test(charset);
    if (isUtf8 && coding === 'identity') done(null, body);
    else done(new UnsupportedMediaTypeError());
  });
}
