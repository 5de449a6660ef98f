import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import { createDocument } from './document.js';
import { PAGE_SCRIPT, PAGE_STYLE, pageIn } from './page.js';
import { ServedBytes } from '../common/http/served-bytes.js';

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const IMAGE = 'image/png';

/** The files of Swagger UI that the page needs. */
const PAGE_FILES = {
  'index.css': STYLE,
  'swagger-ui.css': STYLE,
  'swagger-ui-bundle.js': SCRIPT,
  'favicon-16x16.png': IMAGE,
  'favicon-32x32.png': IMAGE,
};

/** Swagger UI needs nothing from elsewhere. It is also served without TLS, so nothing is to be upgraded. */
const protect = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });

/** Serves the OpenAPI document, and under /docs the page that shows it. */
export function serveDocument(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const serve = (url: string, bytes: ServedBytes) => {
    fastify.get(url, {
      config: { openTo: 'all' },
      onRequest: (request, reply, done) => {
        if (url.startsWith('/docs')) protect(request.raw, reply.raw, () => done());
        else done();
      },
      handler: (request, reply) => bytes.send(request, reply),
    });
  };
  serve('/openapi.json', new ServedBytes('application/json; charset=utf-8', () => JSON.stringify(createDocument(app))));
  serve(
    '/openapi.yaml',
    new ServedBytes('application/yaml', async () => {
      const { dump } = await import('js-yaml');
      return Buffer.from(dump(createDocument(app), { noRefs: true }));
    }),
  );
  serve('/docs', new ServedBytes(HTML, () => pageIn('docs/')));
  serve('/docs/', new ServedBytes(HTML, () => pageIn('')));
  serve('/docs/page.css', new ServedBytes(STYLE, () => PAGE_STYLE));
  serve('/docs/page.js', new ServedBytes(SCRIPT, () => PAGE_SCRIPT));
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  for (const [name, mediaType] of Object.entries(PAGE_FILES)) {
    serve(`/docs/${name}`, new ServedBytes(mediaType, () => readFile(join(folder, name))));
  }
}
