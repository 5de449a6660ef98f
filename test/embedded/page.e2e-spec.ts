import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aBrowser, CHROMIUM, PATIENCE_MS } from '../support/browser.js';
import { openApiDocument } from '../support/openapi-document.js';
import { aFolderWithData } from '../support/embedded-data.js';
import { ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

interface Operation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly requestBody?: { content: Record<string, { examples?: Record<string, unknown> }> };
  readonly responses: Record<string, unknown>;
}

const { paths } = openApiDocument<{ paths: Record<string, Record<string, Operation>> }>();

/** Each example of a body, as the page lets the reader choose it; for an operation without one, the operation alone. */
const examples = Object.entries(paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).flatMap(([verb, { operationId, tags, requestBody, responses }]) =>
    Object.entries(requestBody?.content ?? { '': {} }).flatMap(([mediaType, { examples: bodies }]) =>
      Object.keys(bodies ?? { request: undefined }).map((title) => ({
        name: `${verb.toUpperCase()} ${path}: ${mediaType} ${title}`,
        block: `operations-${tags[0].replaceAll(' ', '_')}-${operationId}`,
        mediaType,
        title,
        success: Object.keys(responses).filter((status) => status.startsWith('2')),
      })),
    ),
  ),
);

/**
 * What cannot succeed as it stands: whom the page knows has come, or was invited a moment ago; an owner is no service
 * account of all organizations; a stream does not end.
 */
const CANNOT_SUCCEED = /resend-invitation|\/organizations|\/batch|\/stream|\/system\b/;

const suite = CHROMIUM === undefined ? describe.skip : describe;

suite(`the page in a browser${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`, () => {
  let folder: Awaited<ReturnType<typeof aFolderWithData>>;
  let service: ServiceProcess;
  let browser: Browser;
  let page: Page;
  /** What the browser complains of, in its console or on the network. */
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await aFolderWithData();
    [service, browser] = await Promise.all([ServiceProcess.start(folder.path), aBrowser()]);
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    await page.goto(`${service.url}/docs`);
    await authorize(service.token('demo owner'));
  });
  afterAll(async () => {
    await browser.close();
    await service.kill('SIGTERM');
    await folder.remove();
  });

  /** The text of the elements that match; to read it is all that the tests, which have no types of a document, need. */
  function textsOf(selector: string): Promise<string[]> {
    const texts = `[...document.querySelectorAll(${JSON.stringify(selector)})].map(({ innerText }) => innerText.trim())`;
    return page.evaluate(texts) as Promise<string[]>;
  }

  async function click(selector: string): Promise<void> {
    await page.waitForSelector(selector);
    await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  async function authorize(token: string): Promise<void> {
    await click('.scheme-container .authorize');
    await page.type('.auth-container input', token);
    const filledIn = page.waitForResponse((response) => response.url().endsWith('/systemevent'));
    await click('.auth-btn-wrapper .authorize');
    await filledIn;
    await click('.auth-btn-wrapper .btn-done');
  }

  /** Opens an operation, and waits until the page has followed its references. */
  async function open(operation: string): Promise<void> {
    await click(`${operation} .opblock-summary-control`);
    await page.waitForSelector(`${operation} .responses-table .response`);
  }

  it.each(examples.filter(({ name }) => !CANNOT_SUCCEED.test(name)))(
    '$name succeeds as it stands',
    async ({ block, mediaType, title, success }) => {
      const operation = `#${block}`;
      await open(operation);
      if (mediaType !== '') await page.select(`${operation} .body-param-content-type select`, mediaType);
      const choice = `${operation} .opblock-section-request-body .examples-select-element`;
      if ((await page.$(choice)) !== null) await page.select(choice, title);
      await click(`${operation} .execute`);
      const replies = `${operation} .live-responses-table .response`;
      await page.waitForSelector(replies);
      const [reply = ''] = await textsOf(replies);
      expect(success, reply).toContain(reply.slice(0, 3));
      // Each open one makes the page slower.
      await click(`${operation} .btn-clear`);
      await click(`${operation} .opblock-summary-control`);
    },
  );

  it('is used without a complaint of the browser', () => expect(complaints).toStrictEqual([]));
});
