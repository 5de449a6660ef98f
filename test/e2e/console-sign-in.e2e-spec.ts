import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { aBrowser, CHROMIUM } from '../support/browser.js';
import { ConsolePage } from '../support/console-page.js';
import { connect } from '../support/data-source.js';
import { aDatabase, type TestDatabase } from '../support/database.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';
import { aSigningKey, AUDIENCE, TestIdentityProvider } from '../support/identity-provider.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const suite = CHROMIUM === undefined ? describe.skip : describe;

suite(
  `sign-in to the console at an identity provider${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`,
  () => {
    let database: TestDatabase;
    let provider: TestIdentityProvider;
    let organization: TestOrganization;
    let app: TestApp;
    let browser: Browser;

    beforeAll(async () => {
      database = await aDatabase();
      const dataSource = await connect(database.directUrl);
      organization = await anOrganization(dataSource);
      await dataSource.destroy();
      provider = await TestIdentityProvider.start([await aSigningKey('ES256')]);
      // Whom the provider of the tests signs in stands in the request itself.
      const parameters = new URLSearchParams({ resource: `${AUDIENCE}/ES256`, login_hint: organization.owner });
      const variables = { CONSOLE_CLIENT_ID: 'console', CONSOLE_AUTHORIZE_PARAMS: parameters.toString() };
      [app, browser] = await Promise.all([
        TestApp.start({ ...provider.variables, ...variables }, database),
        aBrowser(),
      ]);
    });
    afterAll(async () => {
      await browser.close();
      await app.close();
      await provider.down();
      await database.drop();
    });

    const signInThere = () => `Sign in at 127.0.0.1:${provider.port}`;

    it('leads there and back to where one was, and keeps no token', async () => {
      const window = await ConsolePage.open(browser, `${app.url}/console#/people`);
      for (const time of ['first', 'after a reload']) {
        await window.click(signInThere());
        await window.says('Who belongs to the organization, and what they may do.');
        expect(window.page.url(), time).toBe(`${app.url}/console#/people`);
        const kept = await window.page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
        expect(kept).toBe('[{},{}]');
        await window.page.reload();
      }
      expect(window.complaints).toStrictEqual([]);
      await window.close();
    });

    it('takes no answer that it did not ask for, or to another question', async () => {
      const window = await ConsolePage.open(browser, `${app.url}/console?code=stolen&state=guessed`);
      await window.says('This sign-in was not begun in this window. Please sign in again');
      expect(window.page.url()).toBe(`${app.url}/console`);
      await window.page.evaluate(
        `sessionStorage.setItem('console.sign-in', JSON.stringify({ verifier: 'x'.repeat(43), state: 'mine', route: '' }))`,
      );
      await window.page.goto(`${app.url}/console?code=stolen&state=guessed&iss=${provider.issuer}`);
      await window.says('What came back from the identity provider is no answer to this sign-in.');
      expect(await window.has('nav.pages')).toBe(false);
      await window.close();
    });

    it('says in words that the provider is away', async () => {
      const window = await ConsolePage.open(browser, `${app.url}/console`);
      await provider.down();
      await window.click(signInThere());
      await window.says(`The identity provider at 127.0.0.1:${provider.port} cannot be reached`);
      await window.close();
    });
  },
);
