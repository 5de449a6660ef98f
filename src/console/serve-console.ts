import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import { ServedBytes } from '../common/http/served-bytes.js';
import { addVary } from '../common/http/vary.js';
import type { Environment } from '../config/environment.js';
import { signInDemoUsers } from './demo-sign-in.js';

const MEDIA_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The names of these files change with what is in them. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Serves the console under /console, from the files that its build left in a folder. Nothing on its pages comes from
 * elsewhere, and nothing that they send goes elsewhere but to the identity provider.
 */
export function serveConsole(app: NestFastifyApplication, environment: Environment, folder: string): void {
  if (!environment.CONSOLE) return;
  if (!existsSync(join(folder, 'index.html'))) {
    new Logger('Console').warn('There is no console: it was not built. npm run build makes it');
    return;
  }
  const fastify = app.getHttpAdapter().getInstance();
  const protect = protectionFor(environment);
  const serve = (url: string, mediaType: string, make: () => Promise<Buffer | string>, cacheControl?: string) => {
    const plain = new ServedBytes(mediaType, make, cacheControl);
    const zipped = new ServedBytes(mediaType, async () => promisify(gzip)(await make()), cacheControl);
    fastify.get(url, {
      config: { openTo: 'all' },
      onRequest: (request, reply, done) => protect(request.raw, reply.raw, () => done()),
      handler: (request: FastifyRequest, reply: FastifyReply) => {
        addVary(reply, 'Accept-Encoding');
        if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(request.headers['accept-encoding'] ?? '')) {
          return plain.send(request, reply);
        }
        return zipped.send(request, reply.header('content-encoding', 'gzip'));
      },
    });
  };
  const page = async (assets: string) => {
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    const configuration = escapeAttribute(JSON.stringify(configurationOf(environment)));
    return html
      .replaceAll('"./assets/', `"${assets}`)
      .replace('<meta name="console" content="{}"', `<meta name="console" content="${configuration}"`);
  };
  const HTML = 'text/html; charset=utf-8';
  serve('/console', HTML, () => page('./console/assets/'));
  serve('/console/', HTML, () => page('./assets/'));
  for (const name of readdirSync(join(folder, 'assets'))) {
    const mediaType = MEDIA_TYPES[extname(name)] ?? 'application/octet-stream';
    serve(`/console/assets/${name}`, mediaType, () => readFile(join(folder, 'assets', name)), IMMUTABLE);
  }
  if (environment.hasDemoUsers) signInDemoUsers(app);
}

/** What the page has to know before it can ask. */
function configurationOf({ consoleProvider, hasDemoUsers }: Environment): object {
  return { ...(consoleProvider && { provider: consoleProvider }), ...(hasDemoUsers && { demo: true }) };
}

function protectionFor({ consoleProvider }: Environment) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'", ...(consoleProvider ? [new URL(consoleProvider.issuer).origin] : [])],
        formAction: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
  });
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
