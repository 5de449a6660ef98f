import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'puppeteer-core';
import type { ServiceProcess } from './process.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export type DemoRole = 'owner' | 'administrator' | 'workspaces' | 'billing' | 'user';

/** The console in a window of its own, as somebody uses it: by what they read, and hear. */
export class ConsolePage {
  /** What the browser complains of. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(20_000);
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
    return opened;
  }

  /** @param route such as `settings/text` */
  async go(route: string): Promise<void> {
    await this.page.evaluate(`location.hash = '#/${route}'`);
    await this.page.waitForSelector('main h1');
    // It has what it asks the service for; the stream stays open.
    await this.page.waitForNetworkIdle({ idleTime: 200, concurrency: 1 });
  }

  /** @param name the accessible name of a button, a link, or whatever is there */
  async click(name: string): Promise<void> {
    await this.page.locator(`::-p-aria(${name})`).click();
  }

  /** Puts a text in the place of what an input has. */
  async fill(name: string, text: string): Promise<void> {
    await this.click(name);
    await this.page.keyboard.down('Control');
    await this.page.keyboard.press('a');
    await this.page.keyboard.up('Control');
    await this.page.keyboard.press('Backspace');
    await this.page.keyboard.type(text);
  }

  async choose(name: string, value: string): Promise<void> {
    const input = await this.page.waitForSelector(`::-p-aria([name="${name}"][role="combobox"])`);
    await input!.select(value);
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
