import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { aBrowser, CHROMIUM } from '../support/browser.js';
import { ConsolePage } from '../support/console-page.js';
import { anOrganization, type TestOrganization } from '../support/factories.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const suite = CHROMIUM === undefined ? describe.skip : describe;

suite(
  `somebody who is moved to another organization while they have the console open${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`,
  () => {
    let app: TestApp;
    let browser: Browser;
    let organization: TestOrganization;
    let other: TestOrganization;
    let window: ConsolePage;

    beforeAll(async () => {
      [app, browser] = await Promise.all([TestApp.start(), aBrowser()]);
    });
    afterAll(async () => {
      await browser.close();
      await app.close();
    });
    beforeEach(async () => {
      [organization, other] = await Promise.all([anOrganization(app.dataSource), anOrganization(app.dataSource)]);
    });

    const put = ({ owner }: TestOrganization, settings: object) =>
      app.request('POST', '/settings/organization', { as: owner, body: { settings } });
    const settingsOf = async ({ owner }: TestOrganization) => {
      const { body } = await app.request('GET', '/settings/organization', { as: owner });
      return (body as { settings: unknown }).settings;
    };
    const signIn = async () => {
      window = await ConsolePage.open(browser, `${app.url}/console`);
      await window.paste('Access token', app.tokenFor(organization.administrator, 3_600));
      await window.click('Sign in');
      await window.says('Settings of the organization');
    };
    const move = () =>
      app.admin(
        ...['move-user', '--user', organization.administrator, '--organization', other.id],
        ...['--role', 'ADMINISTRATOR'],
      );
    const save = async () => {
      await window.click('Save …');
      await window.click('Save');
    };
    const beginsAnew = async () => {
      await window.says('You are in another organization now.');
      await window.page.waitForSelector('::-p-aria(theirs)');
      expect(await window.has('[aria-label="ours"]')).toBe(false);
      expect(await window.text()).not.toMatch(/not saved|somebody was faster|changed this/);
    };

    it('is told so, finds the documents of that one whatever their versions, and changes these', async () => {
      for (const n of [1, 2, 3]) await put(organization, { ours: n });
      await put(other, { theirs: 1 });
      await signIn();
      await window.fill('ours', '4');
      await move();
      // The service looks whom it may tell before it tells.
      await put(organization, { ours: 5 });
      await beginsAnew();
      await put(other, { theirs: 6 });
      await window.holds('theirs', '6');
      await window.fill('theirs', '7');
      await save();
      await window.says('Saved.');
      expect([await settingsOf(organization), await settingsOf(other)]).toStrictEqual([{ ours: 5 }, { theirs: 7 }]);
      await window.close();
    });

    it('changes nothing there with what they typed before, also where the versions are the same', async () => {
      await put(organization, { ours: 1 });
      await put(other, { theirs: 1 });
      await signIn();
      await window.fill('ours', '2');
      await move();
      await save();
      await beginsAnew();
      expect([await settingsOf(organization), await settingsOf(other)]).toStrictEqual([{ ours: 1 }, { theirs: 1 }]);
      await window.close();
    });
  },
);
