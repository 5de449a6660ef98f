import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, vi } from 'vitest';
import { aBrowser, CHROMIUM } from '../support/browser.js';
import { ConsolePage } from '../support/console-page.js';
import { aFolderWithData } from '../support/embedded-data.js';
import { ServiceProcess } from '../support/process.js';

/** Tests of editing, each in a window of its own; they are skipped where there is no browser. */
export function describeEditing(tests: (stage: EditingStage) => void): void {
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });
  const suite = CHROMIUM === undefined ? describe.skip : describe;
  suite(`editing in the console${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`, () => {
    const stage = new EditingStage();
    beforeAll(() => stage.start());
    afterAll(() => stage.stop());
    afterEach(() => stage.closeWindow());
    tests(stage);
  });
}

/** What such tests use. */
export class EditingStage {
  folder!: Awaited<ReturnType<typeof aFolderWithData>>;
  service!: ServiceProcess;
  private browser!: Browser;
  private window!: ConsolePage;

  async start(): Promise<void> {
    this.folder = await aFolderWithData();
    [this.service, this.browser] = await Promise.all([ServiceProcess.start(this.folder.path), aBrowser()]);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.service.kill('SIGTERM');
    await this.folder.remove();
  }

  async closeWindow(): Promise<void> {
    await this.window.close();
    // The service does not explain each key of a large document, and refuses who was slower; one request fails.
    expect(
      this.window.complaints.filter((complaint) => !/status of 4(00|12)|net::ERR_FAILED/.test(complaint)),
    ).toStrictEqual([]);
  }

  /** As the demo owner. */
  readonly signedIn = async (): Promise<ConsolePage> =>
    (this.window = await ConsolePage.signedIn(this.browser, this.service, 'owner'));

  readonly opened = async (url: string): Promise<ConsolePage> =>
    (this.window = await ConsolePage.open(this.browser, url));

  /** Past the console, as the demo owner. */
  readonly api = async (method: string, path: string, body?: object): Promise<unknown> => {
    const reply = await fetch(`${this.service.url}/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.service.token('demo owner')}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(reply.status).toBeLessThan(300);
    return reply.json();
  };

  readonly put = (settings: object) => this.api('POST', 'settings/organization', { settings });
}
