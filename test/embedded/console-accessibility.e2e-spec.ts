import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, ConsolePage } from '../support/console-page.js';
import { complaintsOf, describeInBrowser } from './console.js';

describeInBrowser((stage) => {
  const { opened, put } = stage;

  describe.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 360],
    ['dark', 360],
  ] as const)('in the %s theme, %i pixels wide', (theme, width) => {
    const options = { width, isDark: theme === 'dark' };
    let window: ConsolePage;
    beforeAll(async () => {
      await put('{"maxFileSize":"20GB","security":{"requireMFA":true,"domains":["acme.example"]}}');
      window = await ConsolePage.signedIn(stage.browser, stage.service, 'owner', options);
    });
    afterAll(() => window.close());

    it.each([
      'settings',
      'settings/text',
      'settings/history',
      'people',
      'organization',
      'organization/history',
      'policy',
      'audit',
      'mine',
      'profile',
    ])('the page %s has no barrier that axe finds, and fits', async (route) => {
      await window.go(route);
      expect(await window.violations()).toStrictEqual([]);
      expect(await window.overflow()).toBe(0);
    });

    it('so does a dialog, and what somebody else did meanwhile', async () => {
      await window.go('settings');
      await window.fill('maxFileSize', '30GB');
      await put('{"maxFileSize":"10GB"}');
      await window.says('You both changed');
      expect(await window.violations()).toStrictEqual([]);
      await window.click('Keep mine: "30GB"');
      await window.click('Save …');
      await window.page.waitForSelector('dialog[open]');
      expect(await window.violations()).toStrictEqual([]);
      expect(await window.overflow()).toBe(0);
      await window.page.keyboard.press('Escape');
      await window.click('Discard');
      expect(complaintsOf(window)).toStrictEqual([]);
    });

    it('so do long values, which are shown where they differ', async () => {
      const list = (last: string) => [...Array.from({ length: 120 }, (_, n) => `item ${n}`), last];
      await put(JSON.stringify({ list: list('first') }));
      await window.go('settings/text');
      await window.focusEditor();
      await window.selectAll();
      await window.page.keyboard.sendCharacter(JSON.stringify({ list: list('mine') }));
      await window.says('1 change is not saved');
      await put(JSON.stringify({ list: list('theirs') }));
      await window.says('You both changed one key.');
      await window.settles();
      const choices = await window.page.$$eval('.meanwhile fieldset code', (codes) =>
        codes.map((code) => (code as unknown as { innerText: string }).innerText),
      );
      expect(choices.map((choice) => choice.slice(-10))).toStrictEqual(['list', ', "mine" ]', '"theirs" ]']);
      await window.says('"first" ]');
      await window.click('All of mine');
      await window.says('"item 0"');
      await window.page.locator('.meanwhile > details > summary').click();
      expect(await window.violations()).toStrictEqual([]);
      expect(await window.overflow()).toBe(0);
      await window.click('Discard');
    });

    it('so does a long difference', async () => {
      const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`key ${n}`, n]));
      await put('{}');
      await put(JSON.stringify(many));
      await window.go('settings/history');
      await window.page.locator('.versions .version').click();
      await window.says('key 119');
      expect(await window.violations()).toStrictEqual([]);
      expect(await window.overflow()).toBe(0);
    });

    it('so does the page to sign in at', async () => {
      const welcome = await opened(addressOf(stage.service), options);
      await welcome.says('Sign in as the demo owner');
      expect(await welcome.violations()).toStrictEqual([]);
      expect(await welcome.overflow()).toBe(0);
    });
  });
});
