import type { Browser, HTTPRequest } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { aBrowser, CHROMIUM, PATIENCE_MS } from '../support/browser.js';
import { addressOf, ConsolePage } from '../support/console-page.js';
import { aFolderWithData } from '../support/embedded-data.js';
import { runAdmin, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const suite = CHROMIUM === undefined ? describe.skip : describe;

suite(`editing in the console${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`, () => {
  let folder: Awaited<ReturnType<typeof aFolderWithData>>;
  let service: ServiceProcess;
  let browser: Browser;
  let window: ConsolePage;

  beforeAll(async () => {
    folder = await aFolderWithData();
    [service, browser] = await Promise.all([ServiceProcess.start(folder.path), aBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await service.kill('SIGTERM');
    await folder.remove();
  });
  afterEach(async () => {
    await window.close();
    // The service does not explain each key of a large document, and refuses who was slower; one request fails.
    expect(
      window.complaints.filter((complaint) => !/status of 4(00|12)|net::ERR_FAILED/.test(complaint)),
    ).toStrictEqual([]);
  });

  const waitFor = (isSo: () => void | Promise<void>) => vi.waitFor(isSo, PATIENCE_MS);

  /** Past the console, as the demo owner. */
  async function api(method: string, path: string, body?: object): Promise<unknown> {
    const reply = await fetch(`${service.url}/${path}`, {
      method,
      headers: { authorization: `Bearer ${service.token('demo owner')}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(reply.status).toBeLessThan(300);
    return reply.json();
  }
  const put = (settings: object) => api('POST', 'settings/organization', { settings });
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
    window = await ConsolePage.signedIn(browser, service, 'owner');
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
    window = await ConsolePage.signedIn(browser, service, 'owner');
    await window.go('settings/text');
    const nulls = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`key${n}`, null]));
    await type(JSON.stringify({ kept: 1, ...nulls }));
    await window.says('300 changes are not saved');
    await save();
    expect(await settings()).toStrictEqual({ kept: 1, ...nulls });
  });

  it('keeps a text that is no JSON yet for who comes back to it, each document its own', async () => {
    await put({ theirs: 'of all' });
    window = await ConsolePage.signedIn(browser, service, 'owner');
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
    window = await ConsolePage.signedIn(browser, service, 'owner');
    await window.click('text');
    await window.page.keyboard.press('End');
    await window.page.keyboard.type('123');
    await window.holds('text', `${'x'.repeat(199)}123`);
  });

  it('lets go on who does not want to sign in again yet, and asks who signs out with changes', async () => {
    await put({ a: 1 });
    const { data } = (await api('GET', 'user/profile')) as { data: { id: string } };
    const issued = await runAdmin(folder.path, ['issue-token', '--user', data.id, '--expires-in', '100s']);
    // An address that nobody could decode is the page's address nevertheless.
    window = await ConsolePage.open(browser, `${service.url}/console#/%`);
    await window.click('Sign in with a token');
    await window.paste('Access token', issued.stdout.trim());
    await window.click('Sign in');
    await window.fill('a', '2');
    await window.click('Sign in again now');
    await window.says('What you typed stays here for you alone.');
    await window.click('Close');
    await window.page.waitForFunction(`document.querySelector('dialog') === null`);
    await window.says('Your session ends in less than two minutes.');
    await window.go('profile');
    await window.click('Sign out');
    await window.click('Cancel');
    await window.go('settings');
    await window.holds('a', '2');
    await window.go('profile');
    await window.click('Sign out');
    await window.click('Sign out, and lose them');
    await window.says('Sign in with a token');
  });

  it('takes no late list of versions for what was asked for since', async () => {
    for (const n of [1, 2]) await put({ a: n });
    window = await ConsolePage.signedIn(browser, service, 'owner');
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

  it('does not save a member whom somebody else changed since they were looked at', async () => {
    window = await ConsolePage.signedIn(browser, service, 'owner');
    await window.go('people');
    await window.click('Manage user@acme.example');
    await window.fill('First name', 'Ursula');
    const { data } = (await api('GET', 'organization/users')) as { data: { id: string; email: string }[] };
    const { id } = data.find(({ email }) => email === 'user@acme.example')!;
    await api('PUT', `organization/users/${id}`, { name: 'Una' });
    await window.click('Save');
    await window.says('Somebody else changed it meanwhile.');
    expect(await api('GET', `organization/users/${id}`)).toMatchObject({ name: 'Una' });
  });

  it('saves what is left of a member when one of two changes failed', async () => {
    window = await ConsolePage.signedIn(browser, service, 'owner');
    await window.go('people');
    await window.click('Manage user@acme.example');
    await window.fill('First name', 'Uma');
    await window.choose('Role', '1');
    await window.page.setRequestInterception(true);
    let failures = 0;
    window.page.on('request', (request) => {
      const isOfNames = request.method() === 'PUT' && (request.postData() ?? '').includes('Uma');
      if (isOfNames && failures++ === 0)
        void request.respond({ status: 400, body: '{"success":false,"message":"No"}' });
      else void request.continue();
    });
    await window.click('Save');
    await window.says('Correct what is named');
    await window.click('Save');
    await window.says('user@acme.example was changed.');
    const { data } = (await api('GET', 'organization/users')) as { data: { email: string }[] };
    expect(data.find(({ email }) => email === 'user@acme.example')).toMatchObject({ name: 'Uma', orgRole: 1 });
  });

  it('sends of the own names only what was typed', async () => {
    window = await ConsolePage.signedIn(browser, service, 'owner');
    await window.go('profile');
    await window.fill('First name', 'Olga');
    const { data } = (await api('GET', 'user/profile')) as { data: { id: string } };
    await api('PUT', `user/${data.id}`, { lastName: 'Meanwhile' });
    await window.click('Save');
    await window.says('Your name was changed.');
    expect(await api('GET', 'user/profile')).toMatchObject({ data: { name: 'Olga', lastName: 'Meanwhile' } });
  });

  it('shows a text with carriage returns, which no input keeps, and says where it can be changed', async () => {
    await put({ lines: 'one\r\ntwo' });
    window = await ConsolePage.signedIn(browser, service, 'owner');
    await window.says('Its line ends can be changed in the text only.');
    expect(await window.page.$$('.tree textarea')).toHaveLength(0);
  });

  it("keeps the place in a text where somebody types, and undoes nobody else's change", async () => {
    await put({ a: 1, motto: 'x', z: 1 });
    window = await ConsolePage.signedIn(browser, service, 'owner');
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
    window = await ConsolePage.signedIn(browser, service, 'owner');
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

  it('keeps names that were typed while another page is looked at, and takes a token as it is copied', async () => {
    window = await ConsolePage.open(browser, `${service.url}/console`);
    await window.click('Sign in with a token');
    await window.paste('Access token', 'to.k…en');
    await window.click('Sign in');
    await window.says('That is no access token: it has letters, digits, and . _ ~ + / = - only');
    await window.paste('Access token', `"Bearer ${service.token('demo owner').replace('.', '.\n')}" `);
    await window.click('Sign in');
    await window.page.waitForSelector('nav.pages');
    await window.go('profile');
    await window.fill('First name', 'Odette');
    await window.go('settings');
    await window.go('profile');
    await window.holds('First name', 'Odette');
    await window.click('Sign out');
    await window.click('Sign out, and lose them');
  });

  it('offers the demo users again after a failure, when it is asked to', async () => {
    window = await ConsolePage.open(browser, addressOf(service));
    await window.says('Sign in as the demo owner');
    await window.page.setRequestInterception(true);
    let failures = 0;
    window.page.on('request', (request) => {
      if (failures === 0 && request.url().endsWith('/console/demo')) {
        failures++;
        void request.abort();
      } else void request.continue();
    });
    await window.page.reload();
    await window.says('The service cannot be reached.');
    expect(failures).toBe(1);
    await window.click('Try again');
    await window.click('Sign in as the demo owner');
    await window.says('Settings of the organization');
  });
});
