import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { basename, dirname, join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { TestApp } from '../../test/support/app.js';
import { aBrowser, CHROMIUM } from '../../test/support/browser.js';
import { freePort } from '../../test/support/free-port.js';
import { anOrganization, type TestOrganization } from '../../test/support/factories.js';

const CLIENT = join(import.meta.dirname, '..');

/** The page examples/live.html, with the built client beside it as "flashback". */
function servePage(port: number): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const isOfClient = dirname(url) === '/flashback';
    const file = isOfClient ? join(CLIENT, 'dist/esm', basename(url)) : join(CLIENT, 'examples/live.html');
    response.setHeader('Content-Type', isOfClient ? 'text/javascript' : 'text/html');
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

const suite = CHROMIUM === undefined ? describe.skip : describe;

suite(`the example of a live page${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`, () => {
  let app: TestApp;
  let organization: TestOrganization;
  let pages: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    [app, pages, browser] = await Promise.all([TestApp.start({ CORS_ORIGINS: origin }), servePage(port), aBrowser()]);
    organization = await anOrganization(app.dataSource);
    await put({ theme: 'dark' });
    page = await browser.newPage();
    await page.goto(`${origin}/#service=${app.url}&token=${app.tokenFor(organization.user)}`);
  });
  afterAll(async () => {
    await browser.close();
    pages.close();
    await app.close();
  });

  const put = (settings: object) =>
    app.request('POST', '/settings/organization', { as: organization.owner, body: { settings } });
  const shows = (id: string, text: string) => page.waitForSelector(`#${id} ::-p-text(${text})`);

  it('shows the settings, and each change of them without being asked', async () => {
    await shows('settings', '"theme": "dark"');
    await put({ theme: 'light' });
    await shows('settings', '"theme": "light"');
    await shows('state', 'Version 2');
  });

  it('says how old its copy is when the service is away', async () => {
    await app.process.kill('SIGTERM');
    await shows('state', 'As of ');
    await shows('settings', '"theme": "light"');
  });
});
