import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, vi } from 'vitest';
import { aBrowser, CHROMIUM } from '../support/browser.js';
import { ConsolePage, type DemoRole } from '../support/console-page.js';
import { freePort } from '../support/free-port.js';
import { aFolderWithData } from '../support/embedded-data.js';
import { ServiceProcess } from '../support/process.js';

/** The browser notes each refusal, and each connection that was lost. */
const EXPECTED = /Failed to load resource/;

/** What is wrong, of what the browsers of some windows complain of. */
export const complaintsOf = (...windows: ConsolePage[]) =>
  windows.flatMap((window) => window.complaints).filter((complaint) => !EXPECTED.test(complaint));

/** Tests that share a service on its embedded database, and a browser; they are skipped where there is none. */
export function describeInBrowser(tests: (stage: ConsoleStage) => void): void {
  vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
  const suite = CHROMIUM === undefined ? describe.skip : describe;
  suite(`the console in a browser${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`, () => {
    const stage = new ConsoleStage();
    beforeAll(() => stage.start());
    afterAll(() => stage.stop());
    afterEach(() => stage.closeWindows());
    tests(stage);
  });
}

interface WindowOptions {
  readonly width?: number;
  readonly isDark?: boolean;
}

/** What such tests use. */
export class ConsoleStage {
  folder!: Awaited<ReturnType<typeof aFolderWithData>>;
  service!: ServiceProcess;
  browser!: Browser;
  private variables!: Record<string, string>;
  /** Windows of the test that runs. */
  private windows: ConsolePage[] = [];

  async start(): Promise<void> {
    this.folder = await aFolderWithData();
    this.variables = { PORT: String(await freePort()) };
    [, this.browser] = await Promise.all([this.startService(), aBrowser()]);
  }

  /** Starts the service, also again after it was ended. */
  readonly startService = async (): Promise<void> => {
    this.service = await ServiceProcess.start(this.folder.path, this.variables);
  };

  async stop(): Promise<void> {
    await this.browser.close();
    await this.service.kill('SIGTERM');
    await this.folder.remove();
  }

  async closeWindows(): Promise<void> {
    const closed = this.windows;
    await Promise.all(closed.map((window) => window.close()));
    this.windows = [];
    expect(complaintsOf(...closed)).toStrictEqual([]);
  }

  readonly signedIn = async (role: DemoRole, options?: WindowOptions): Promise<ConsolePage> => {
    const window = await ConsolePage.signedIn(this.browser, this.service, role, options);
    this.windows.push(window);
    return window;
  };

  readonly opened = async (url: string, options?: WindowOptions): Promise<ConsolePage> => {
    const window = await ConsolePage.open(this.browser, url, options);
    this.windows.push(window);
    return window;
  };

  /** Past the console, as the demo owner. */
  readonly api = async (method: string, path: string, body?: string): Promise<string> => {
    const ask = () =>
      fetch(`${this.service.url}/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.service.token('demo owner')}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body }),
      });
    let reply = await ask();
    // A machine that does other things besides may be too slow to judge a policy at once.
    for (let n = 0; n < 10 && reply.status === 503; n++) {
      await pause(Number(reply.headers.get('retry-after') ?? 1) * 1_000);
      reply = await ask();
    }
    const text = await reply.text();
    expect(reply.status, text).toBeLessThan(300);
    return text;
  };

  readonly put = (settings: string) => this.api('POST', 'settings/organization', `{"settings":${settings}}`);

  readonly settings = () => this.api('GET', 'settings/organization');

  readonly newest = async () => {
    const { versions } = JSON.parse(await this.api('GET', 'settings/organization/versions?limit=1')) as {
      versions: { version: number; operation: string; reason: string | null; paths: string[] }[];
    };
    return versions[0]!;
  };

  readonly save = async (window: ConsolePage, reason?: string) => {
    await window.click('Save …');
    if (reason !== undefined) await window.fill('Reason (optional)', reason);
    await window.click('Save');
  };
}
