import type { HTTPRequest } from 'puppeteer-core';
import { expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../support/browser.js';
import type { ConsolePage } from '../support/console-page.js';
import { describeEditing } from './editing.js';

describeEditing((stage) => {
  const { api, put, signedIn } = stage;
  let window: ConsolePage;

  const waitFor = (isSo: () => void | Promise<void>) => vi.waitFor(isSo, PATIENCE_MS);
  const settings = async () => ((await api('GET', 'settings/organization')) as { settings: object }).settings;
  const rows = async () => (await window.page.$$('.tree .row')).length;
  const editorText = () =>
    window.page.$eval('.editor >>> .cm-content', (content) => (content as unknown as { innerText: string }).innerText);
  const type = async (text: string) => {
    await window.focusEditor();
    await window.selectAll();
    await window.page.keyboard.sendCharacter(text);
  };
  const save = async () => {
    await window.click('Save …');
    await window.click('Save');
    await window.says('Saved.');
  };

  it('shows the first lines of a large document, of all its groups together, and more on demand', async () => {
    const group = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, n) => [`key${n}`, n]));
    await put(Object.fromEntries(Array.from({ length: 28 }, (_, n) => [`group${n}`, group(1_000)])));
    window = await signedIn();
    await window.says('group27');
    expect(await rows()).toBe(28);
    await window.fill('Search keys and values', 'key');
    await window.says('Show more (27828 left)');
    expect(await rows()).toBe(200);
    await window.click('Show more (27828 left)');
    await window.says('Show more (27628 left)');
    expect(await rows()).toBe(400);
  });

  it('makes more keys null at once than one JSON Patch may have operations', async () => {
    await put({ kept: 1 });
    window = await signedIn();
    await window.go('settings/text');
    const nulls = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`key${n}`, null]));
    await type(JSON.stringify({ kept: 1, ...nulls }));
    await window.says('300 changes are not saved');
    await save();
    expect(await settings()).toStrictEqual({ kept: 1, ...nulls });
  });

  it('keeps a text that is no JSON yet for who comes back to it, each document its own', async () => {
    await put({ theirs: 'of all' });
    window = await signedIn();
    await window.go('settings/text');
    await type('{"theirs": "broken", ');
    await window.says('Not taken over yet, because it is no JSON');
    await window.go('mine/text');
    await window.focusEditor();
    expect(await editorText()).not.toContain('theirs');
    expect(await window.text()).not.toContain('Not taken over yet');
    await window.go('settings');
    await window.holds('theirs', 'of all');
    await window.says('A text that is no JSON yet is not saved');
    await window.go('settings/text');
    await window.says('Not taken over yet, because it is no JSON');
    await window.focusEditor();
    expect(await editorText()).toContain('"broken", ');
    await window.click('Discard this text');
    await window.focusEditor();
    expect(await editorText()).toContain('"of all"');
  });

  it('has a text stay in the input in which it is typed, however long it becomes', async () => {
    await put({ text: 'x'.repeat(199) });
    window = await signedIn();
    await window.click('text');
    await window.page.keyboard.press('End');
    await window.page.keyboard.type('123');
    await window.holds('text', `${'x'.repeat(199)}123`);
  });

  it('takes no late list of versions for what was asked for since', async () => {
    for (const n of [1, 2]) await put({ a: n });
    window = await signedIn();
    await window.go('settings/history');
    await window.page.setRequestInterception(true);
    const late: HTTPRequest[] = [];
    window.page.on('request', (request) => {
      if (late.length === 0 && request.url().includes('/versions?')) late.push(request);
      else void request.continue();
    });
    const filter = async (person: string) => {
      await window.page.locator('::-p-aria(Changed by)').fill(person);
      await window.page.locator('::-p-aria(Filter)').click();
    };
    await filter('owner');
    await waitFor(() => expect(late).toHaveLength(1));
    await filter('nobody');
    await window.says('No version is like that.');
    await late[0]!.continue();
    await window.settles();
    expect(await window.text()).toContain('No version is like that.');
  });

  it('shows a text with carriage returns, which no input keeps, and says where it can be changed', async () => {
    await put({ lines: 'one\r\ntwo' });
    window = await signedIn();
    await window.says('Its line ends can be changed in the text only.');
    expect(await window.page.$$('.tree textarea')).toHaveLength(0);
  });

  it("keeps the place in a text where somebody types, and undoes nobody else's change", async () => {
    await put({ a: 1, motto: 'x', z: 1 });
    window = await signedIn();
    await window.go('settings/text');
    await window.focusEditor();
    const { keyboard } = window.page;
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('End');
    for (let n = 0; n < 2; n++) await keyboard.press('ArrowLeft');
    await keyboard.type(' one');
    await api('PUT', 'settings/organization', { a: 2, z: 2 });
    await window.page.waitForFunction(
      `document.querySelector('.editor').shadowRoot.querySelector('.cm-content').innerText.includes('"z": 2')`,
    );
    await keyboard.type(' two');
    expect(await editorText()).toContain('"motto": "x one two"');
    for (let n = 0; n < 3; n++) {
      await keyboard.down('Control');
      await keyboard.press('z');
      await keyboard.up('Control');
    }
    expect(await editorText()).toMatch(/"a": 2,\s+"motto": "x",\s+"z": 2/);
  });

  it('is not lost to who uses the keyboard alone, whatever goes away under the focus', async () => {
    await put({ list: '12 monkeys', other: 1 });
    window = await signedIn();
    const { keyboard } = window.page;
    const focused = () =>
      window.page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText');
    await window.page.focus('::-p-aria([name="Type of list"][role="combobox"])');
    for (const kind of ['number', 'boolean', 'object', 'array']) {
      await keyboard.press('ArrowDown');
      expect(await window.page.$eval('select.quiet', (select) => (select as { value: string }).value)).toBe(kind);
    }
    await keyboard.press('Tab');
    await window.click('Save …');
    await window.says('12 monkeys');
    await keyboard.press('Escape');
    await window.page.waitForFunction(`document.querySelector('dialog') === null`);
    await waitFor(async () => expect(await focused()).toBe('Save …'));
    await window.click('Add a key to the document');
    await window.page.waitForFunction(`document.activeElement.tagName === 'INPUT'`);
    await keyboard.type('third');
    await keyboard.press('Enter');
    await waitFor(async () => expect(await focused()).toBe('Add a key to the document'));
    await window.click('Remove third');
    await waitFor(async () => expect(await window.page.evaluate('document.activeElement.id')).toBe('main'));
    await window.fill('other', '5,5');
    await keyboard.press('Tab');
    await window.says('That is no number, so it stays 5. Numbers are -12, 0.5, 1e6.');
  });
});
