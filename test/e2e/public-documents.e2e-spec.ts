import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const PAGES = [
  '/docs',
  '/docs/',
  '/docs/page.js',
  '/docs/page.css',
  '/docs/index.css',
  '/docs/swagger-ui.css',
  '/docs/swagger-ui-bundle.js',
  '/docs/favicon-32x32.png',
];
const DOCUMENTS = ['/openapi.json', '/openapi.yaml'];

describe('public documents and pages', () => {
  it.each([...DOCUMENTS, ...PAGES])('%s has an entity tag, by which it is sent only once', async (path) => {
    const first = await app.request('GET', path);
    expect(first.status).toBe(200);
    expect(first.headers['cache-control']).toBe('no-cache');
    const etag = String(first.headers['etag']);
    expect(etag).toMatch(/^"[\w-]{16}"$/);
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await app.request('GET', path, { headers: { 'if-none-match': tags } });
      expect(again.status, tags).toBe(304);
      expect(again.headers['etag']).toBe(etag);
      expect(again.headers['cache-control']).toBe('no-cache');
      expect(again.text).toBe('');
    }
    const other = await app.request('GET', path, { headers: { 'if-none-match': '"other"' } });
    expect(other.text).toBe(first.text);
    const head = await app.request('HEAD', path);
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(first.headers['content-length']);
  });

  it('are made once', { timeout: 60_000 }, async () => {
    const time = async (path: string) => {
      const began = performance.now();
      await app.request('GET', path);
      return performance.now() - began;
    };
    const fastest = async (path: string) => {
      const times: number[] = [];
      for (let n = 0; n < 30; n++) times.push(await time(path));
      return Math.min(...times);
    };
    await time('/openapi.yaml');
    // To make the text takes fifteen times as long as to send it.
    expect(await fastest('/openapi.yaml')).toBeLessThan(3 * (await fastest('/openapi.json')) + 1);
  });

  it('show the whole document', async () => {
    const [json, yaml] = await Promise.all(DOCUMENTS.map((path) => app.request('GET', path)));
    const { load } = await import('js-yaml');
    expect(load(yaml!.text)).toStrictEqual(json!.body);
    expect(json!.body).toStrictEqual(JSON.parse(readFileSync('openapi.json', 'utf8')));
  });

  it('name files of the page that there are', async () => {
    for (const [page, folder] of [
      ['/docs', '/'],
      ['/docs/', '/docs/'],
    ] as const) {
      const { text } = await app.request('GET', page);
      const names = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
      expect(names).toHaveLength(7);
      for (const name of names) expect((await app.request('GET', `${folder}${name}`)).status, name).toBe(200);
    }
  });
});

describe('the headers of the page', () => {
  it('are on nothing else', async () => {
    for (const path of ['/', '/openapi.json', '/docs/nothing']) {
      expect((await app.request('GET', path)).headers['content-security-policy'], path).toBeUndefined();
    }
  });

  it.each([...PAGES, '/%64ocs', '/docs%2f', '/%64ocs/page.js', '/docs?a=1'])('are on %s', async (path) => {
    const page = await app.request('GET', path);
    if (path === '/docs%2f') expect(page.status).toBe(404);
    else {
      expect(page.status).toBe(200);
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
      expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      expect(page.headers['x-content-type-options']).toBe('nosniff');
      expect(page.headers['x-frame-options']).toBe('SAMEORIGIN');
    }
  });
});
