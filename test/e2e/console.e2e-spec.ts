import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { aSigningKey, TestIdentityProvider } from '../support/identity-provider.js';

/** What Chromium asks for a page with. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

const directive = (policy: unknown, name: string) => new RegExp(`(?:^|;)${name} ([^;]*)`).exec(String(policy))?.[1];

const filesOf = (html: string) => [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);

describe('the console', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  it.each([
    [BROWSER, 302],
    ['text/html', 302],
    ['*/*', 200],
    ['application/json', 200],
    ['application/json, text/html;q=0.9', 200],
    ['application/json;q=0.5, text/*', 302],
    ['', 200],
  ])('is where / leads who would rather have HTML: %s', async (accept, status) => {
    const answer = await app.request('GET', '/', { headers: { accept } });
    expect(answer.status).toBe(status);
    expect(answer.headers['location']).toBe(status === 302 ? './console' : undefined);
    expect(answer.headers['vary']).toBe('Accept');
    if (status === 200) expect(answer.body).toStrictEqual({ success: true, message: 'Flashback API is online' });
  });

  it.each(['/console', '/console/'])('is a page at %s that lets nothing in but its own files', async (path) => {
    const page = await app.request('GET', path);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['cache-control']).toBe('no-cache');
    const policy = page.headers['content-security-policy'];
    expect(directive(policy, 'default-src')).toBe(`'none'`);
    expect(directive(policy, 'script-src')).toBe(`'self'`);
    expect(directive(policy, 'style-src')).toBe(`'self'`);
    expect(directive(policy, 'connect-src')).toBe(`'self'`);
    expect(directive(policy, 'frame-ancestors')).toBe(`'none'`);
    expect(page.text).toContain('<meta name="console" content="{}"');
    expect(page.text).not.toMatch(/<script(?! type="module" crossorigin src=)|<style| style=/);
  });

  it.each(['/console', '/console/'])(
    'has files, from %s, that are kept for good, and sent compressed',
    async (path) => {
      const { text } = await app.request('GET', path);
      const files = filesOf(text);
      expect(files).toHaveLength(3);
      for (const name of files) {
        const { pathname } = new URL(name, `${app.url}${path}`);
        const plain = await app.request('GET', pathname);
        expect(plain.status, name).toBe(200);
        expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
        expect(plain.headers['x-content-type-options']).toBe('nosniff');
        const zipped = await fetch(`${app.url}${pathname}`, { headers: { 'accept-encoding': 'gzip' } });
        expect(zipped.headers.get('content-encoding')).toBe('gzip');
        expect(zipped.headers.get('vary')).toBe('Accept-Encoding');
        expect(zipped.headers.get('etag')).not.toBe(plain.headers['etag']);
        expect(await zipped.text()).toBe(plain.text);
        const etag = zipped.headers.get('etag')!;
        const again = await app.request('GET', pathname, {
          headers: { 'accept-encoding': 'gzip', 'if-none-match': etag },
        });
        expect(again.status).toBe(304);
        const refused = await app.request('GET', pathname, { headers: { 'accept-encoding': 'gzip;q=0' } });
        expect(refused.headers['content-encoding']).toBeUndefined();
      }
    },
  );

  it('has no other files, and no demo users on a server', async () => {
    for (const path of ['/console/assets/', '/console/assets/nothing.js', '/console/assets/../index.html']) {
      expect((await app.request('GET', path, { isOutsideDocument: true })).status, path).toBe(404);
    }
    const demo = await app.request('POST', '/console/demo', { headers: { authorization: 'Bearer x' } });
    expect(demo.status).toBe(404);
  });

  it('can be switched off', async () => {
    const without = await TestApp.start({ CONSOLE: 'false' }, app.database);
    for (const path of ['/console', '/console/']) expect((await without.request('GET', path)).status).toBe(404);
    expect((await without.request('GET', '/', { headers: { accept: BROWSER } })).status).toBe(200);
    await without.close();
  });

  it('may connect to the identity provider, and knows how people sign in there', async () => {
    const provider = await TestIdentityProvider.start([await aSigningKey('ES256')]);
    const variables = {
      ...provider.variables,
      CONSOLE_CLIENT_ID: 'console "1"',
      CONSOLE_AUTHORIZE_PARAMS: 'audience=https://a.example&prompt=login',
    };
    const another = await TestApp.start(variables, app.database);
    const { headers, text } = await another.request('GET', '/console');
    expect(directive(headers['content-security-policy'], 'connect-src')).toBe(`'self' ${provider.issuer}`);
    const [, content = ''] = /<meta name="console" content="([^"]*)"/.exec(text) ?? [];
    expect(JSON.parse(content.replaceAll('&quot;', '"').replaceAll('&amp;', '&'))).toStrictEqual({
      provider: {
        issuer: provider.issuer,
        clientId: 'console "1"',
        parameters: { audience: 'https://a.example', prompt: 'login' },
      },
    });
    await another.close();
    await provider.down();
  });
});
