import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, HTTPRequest, Page } from 'puppeteer-core';
import { PATIENCE_MS } from './browser.js';
import type { ServiceProcess } from './process.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** How long nothing is under way before a page has all that it asks for, in milliseconds. */
const QUIET_MS = 200;

export type DemoRole = 'owner' | 'administrator' | 'workspaces' | 'billing' | 'user';

/** The console in a window of its own, as somebody uses it: by what they read, and hear. */
export class ConsolePage {
  /** What the browser complains of. */
  readonly complaints: string[] = [];
  /** Requests without a reply. */
  private readonly pending = new Set<HTTPRequest>();

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('request', (request) => this.pending.add(request));
    // Of requests of the page before, the browser does not always tell what became of them.
    page.on('domcontentloaded', () => this.pending.clear());
    page.on('response', (response) => this.pending.delete(response.request()));
    page.on('requestfailed', (request) => this.pending.delete(request));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  /** In a context of its own, which shares nothing with any other. */
  static async open(browser: Browser, url: string, { width = 1200, isDark = false } = {}): Promise<ConsolePage> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }]);
    const opened = new ConsolePage(page);
    await page.goto(url);
    return opened;
  }

  /** As a demo user, by one click on the page behind the address that the start printed. */
  static async signedIn(
    browser: Browser,
    service: ServiceProcess,
    role: DemoRole,
    options: { width?: number; isDark?: boolean } = {},
  ): Promise<ConsolePage> {
    const opened = await ConsolePage.open(browser, addressOf(service), options);
    await opened.click(`Sign in as the demo ${role}`);
    await opened.page.waitForSelector('nav.pages');
    await opened.settles();
    return opened;
  }

  /** @param route such as `settings/text` */
  async go(route: string): Promise<void> {
    await this.page.evaluate(`location.hash = '#/${route}'`);
    await this.page.waitForSelector('nav.pages');
    await this.settles();
  }

  /** @param name the accessible name of a button, a link, or whatever is there */
  async click(name: string): Promise<void> {
    // What is loading may move what is to be clicked.
    await this.settles();
    await this.page
      .locator(`::-p-aria(${name})`)
      .click()
      .catch(async () => {
        throw new Error(`The page has no "${name}" to click, but: ${await this.text()}`);
      });
  }

  /** Types a text in the place of what an input has. */
  async fill(name: string, text: string): Promise<void> {
    await this.empty(name);
    await this.page.keyboard.type(text);
  }

  /** The same at once, as people do with what is long. */
  async paste(name: string, text: string): Promise<void> {
    await this.empty(name);
    await this.page.keyboard.sendCharacter(text);
  }

  /** Waits for the editor, which the browser tells nobody of: it is in a shadow root. */
  async focusEditor(): Promise<void> {
    await this.page.waitForFunction(
      `document.querySelector('.editor')?.shadowRoot?.querySelector('.cm-content') != null`,
    );
    await this.page.focus('.editor >>> .cm-content');
  }

  async selectAll(): Promise<void> {
    await this.page.keyboard.down('Control');
    await this.page.keyboard.press('a');
    await this.page.keyboard.up('Control');
  }

  private async empty(name: string): Promise<void> {
    await this.click(name);
    await this.selectAll();
    await this.page.keyboard.press('Backspace');
  }

  /** Waits until an input has a value. */
  async holds(name: string, value: string): Promise<void> {
    const input = await this.page.waitForSelector(`::-p-aria(${name})`);
    const isThere = (element: unknown, wanted: string) => (element as { value: string }).value === wanted;
    await this.page.waitForFunction(isThere, {}, input, value);
  }

  /** Comes back to the window, as from another one. */
  async comeBack(): Promise<void> {
    await this.page.evaluate(`dispatchEvent(new Event('focus'))`);
  }

  async choose(name: string, value: string): Promise<void> {
    const selector = `::-p-aria([name="${name}"][role="combobox"])`;
    const input = await this.page.waitForSelector(selector).catch(async () => {
      throw new Error(`The page has no "${name}" to choose from, but: ${await this.text()}`);
    });
    await input!.select(value);
  }

  /** Waits until it has what it asks the service for. */
  async settles(): Promise<void> {
    const since = Date.now();
    for (let quietSince = since; Date.now() - quietSince < QUIET_MS; await pause(QUIET_MS / 10)) {
      if (this.pending.size > 0) quietSince = Date.now();
      if (quietSince - since < PATIENCE_MS) continue;
      throw new Error(`The page still waits for ${[...this.pending].map((request) => request.url()).join(', ')}`);
    }
  }

  /** Waits until the page says so. */
  async says(text: string): Promise<void> {
    const isSaid = `document.body.innerText.includes(${JSON.stringify(text)})`;
    await this.page.waitForFunction(isSaid).catch(async () => {
      throw new Error(`The page does not say "${text}", but: ${await this.text()}`);
    });
  }

  text(): Promise<string> {
    return this.page.evaluate('document.body.innerText') as Promise<string>;
  }

  has(selector: string): Promise<boolean> {
    return this.page.$(selector).then((found) => found !== null);
  }

  /** What is wrong for who cannot see the page, or not well (WCAG 2.2 AA), as axe finds it. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const run = `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(' ')))
    )`;
    return this.page.evaluate(run) as Promise<string[]>;
  }

  /** How much wider the page is than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    ) as Promise<number>;
  }

  close(): Promise<void> {
    return this.page.browserContext().close();
  }
}

/** The console's address, as the start prints it. */
export function addressOf(service: ServiceProcess): string {
  return /^Flashback console: (\S+)$/m.exec(service.greeting)?.[1] ?? '';
}
