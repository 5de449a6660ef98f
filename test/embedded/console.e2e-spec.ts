import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { aBrowser, CHROMIUM } from '../support/browser.js';
import { addressOf, ConsolePage, type DemoRole } from '../support/console-page.js';
import { freePort } from '../support/free-port.js';
import { aFolderWithData } from '../support/embedded-data.js';
import { runAdmin, ServiceProcess } from '../support/process.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** The browser notes each refusal, and each connection that was lost. */
const EXPECTED = /Failed to load resource/;

const suite = CHROMIUM === undefined ? describe.skip : describe;

suite(`the console in a browser${CHROMIUM === undefined ? ' (skipped: no Chromium)' : ''}`, () => {
  let folder: Awaited<ReturnType<typeof aFolderWithData>>;
  let service: ServiceProcess;
  let browser: Browser;
  let variables: Record<string, string>;
  /** Windows of the test that runs. */
  let windows: ConsolePage[] = [];

  beforeAll(async () => {
    folder = await aFolderWithData();
    variables = { PORT: String(await freePort()) };
    [service, browser] = await Promise.all([ServiceProcess.start(folder.path, variables), aBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await service.kill('SIGTERM');
    await folder.remove();
  });

  afterEach(async () => {
    const complaints = windows.flatMap((window) => window.complaints);
    await Promise.all(windows.map((window) => window.close()));
    windows = [];
    expect(complaints.filter((complaint) => !EXPECTED.test(complaint))).toStrictEqual([]);
  });

  async function signedIn(role: DemoRole, options?: { width?: number; isDark?: boolean }): Promise<ConsolePage> {
    const window = await ConsolePage.signedIn(browser, service, role, options);
    windows.push(window);
    return window;
  }

  async function opened(url: string): Promise<ConsolePage> {
    const window = await ConsolePage.open(browser, url);
    windows.push(window);
    return window;
  }

  /** Past the console, as the demo owner. */
  async function api(method: string, path: string, body?: string, mediaType = 'application/json'): Promise<string> {
    const ask = () =>
      fetch(`${service.url}/${path}`, {
        method,
        headers: { authorization: `Bearer ${service.token('demo owner')}`, 'content-type': mediaType },
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
  }
  const put = (settings: string) => api('POST', 'settings/organization', `{"settings":${settings}}`);
  const settings = () => api('GET', 'settings/organization');
  const newest = async () => {
    const { versions } = JSON.parse(await api('GET', 'settings/organization/versions?limit=1')) as {
      versions: { operation: string; reason: string | null; paths: string[] }[];
    };
    return versions[0]!;
  };
  const save = async (window: ConsolePage, reason?: string) => {
    await window.click('Save …');
    if (reason !== undefined) await window.fill('Reason (optional)', reason);
    await window.click('Save');
  };

  describe('sign-in', () => {
    it('is one click at the address that the start prints, and again after a reload', async () => {
      const window = await signedIn('owner');
      await window.says('Settings of the organization');
      await window.says('owner@acme.example');
      expect(window.page.url()).not.toContain('demo=');
      await window.page.reload();
      await window.click('Sign in as the demo user');
      await window.says('user@acme.example');
      const kept = await window.page.evaluate(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
      );
      expect(kept).not.toContain('eyJ');
    });

    it('offers nobody to who has another key, and takes a token', async () => {
      const window = await opened(`${service.url}/console#demo=another`);
      await window.says('To sign in with one click, open the address that the service printed when it started.');
      await window.click('Sign in with a token');
      await window.fill('Access token', 'nonsense');
      await window.click('Sign in');
      await window.says('Unauthorized.');
      await window.paste('Access token', service.token('plain member'));
      await window.click('Sign in');
      await window.says('user@acme.example');
    });

    it('says that the session ends before it does, and goes on with what was typed', async () => {
      await put('{"a":1}');
      const { data } = JSON.parse(await api('GET', 'user/profile')) as { data: { id: string } };
      const window = await opened(`${service.url}/console`);
      await window.click('Sign in with a token');
      const issued = await runAdmin(folder.path, ['issue-token', '--user', data.id, '--expires-in', '30s']);
      await window.paste('Access token', issued.stdout.trim());
      await window.click('Sign in');
      await window.says('Your session ends in less than two minutes.');
      await window.fill('a', '2');
      await window.says('Your session has ended. What you typed is still here, for you alone.');
      // Nobody gets past it, however often they press the key.
      for (let n = 0; n < 3; n++) await window.page.keyboard.press('Escape');
      await window.click('Sign in with a token');
      await window.paste('Access token', service.token('demo owner'));
      await window.click('Sign in');
      await window.says('1 change is not saved');
      await save(window);
      await window.says('Saved.');
      expect(await settings()).toContain('{"a": 2}');
    });
  });

  describe('settings', () => {
    it('are changed in the tree, with the difference before and the reason after', async () => {
      await put(
        '{"maxFileSize":"20GB","security":{"requireMFA":false,"sessionTimeout":3600},"quota":12345678901234567890}',
      );
      const window = await signedIn('owner');
      await window.click('security.requireMFA');
      await window.fill('security.sessionTimeout', '0.10000000000000000001');
      await window.click('Remove maxFileSize');
      await window.says('3 changes are not saved');
      await window.click('Save …');
      await window.says('3600');
      await window.fill('Reason (optional)', 'SOC 2, März');
      await window.click('Save');
      await window.says('Saved.');
      expect(await settings()).toBe(
        '{"success":true,"settings":{"quota": 12345678901234567890, "security": {"requireMFA": true, "sessionTimeout": 0.10000000000000000001}}}',
      );
      expect(await newest()).toMatchObject({ operation: 'merge-patch', reason: 'SOC 2, März' });
    });

    it('are added, searched, and made null, which a merge patch cannot', async () => {
      await put('{"theme":{"color":"blue"},"other":1}');
      const window = await signedIn('owner');
      await window.click('Add a key to theme');
      await window.fill('Name of the new key in theme', 'font');
      await window.click('Add');
      await window.choose('Type of theme.font', 'null');
      await window.fill('Search keys and values', 'font');
      expect(await window.text()).not.toContain('other');
      await save(window);
      await window.says('Saved.');
      expect(JSON.parse(await settings())).toMatchObject({
        settings: { theme: { color: 'blue', font: null }, other: 1 },
      });
      expect(await newest()).toMatchObject({ operation: 'json-patch', paths: ['/theme/font'] });
    });

    it('are changed as text, which keeps every digit, and takes nothing that is no JSON', async () => {
      await put('{"quota":12345678901234567890,"a":1}');
      const window = await signedIn('owner');
      await window.go('settings/text');
      await window.focusEditor();
      await window.selectAll();
      await window.page.keyboard.sendCharacter('{"quota": 12345678901234567891, ');
      await window.says('Not taken over yet, because it is no JSON');
      await window.page.keyboard.sendCharacter('"a": 1}');
      await window.says('1 change is not saved');
      await save(window);
      await window.says('Saved.');
      expect(await settings()).toContain('12345678901234567891');
    });

    it('of two people who were faster than each other are merged, and what collides is asked about', async () => {
      await put('{"a":1,"b":1,"c":1}');
      const [mine, theirs] = [await signedIn('owner'), await signedIn('administrator')];
      await mine.fill('a', '2');
      await mine.fill('b', '2');
      await theirs.fill('b', '3');
      await theirs.fill('c', '3');
      await save(theirs, 'I was first');
      await theirs.says('Saved.');
      await mine.says('administrator@acme.example changed this');
      await mine.says('You both changed one key. Which value shall it have?');
      expect(
        await mine.page.$eval('::-p-aria(Save …)', (button) => (button as unknown as { disabled: boolean }).disabled),
      ).toBe(true);
      await mine.click('Keep mine: 2');
      await save(mine);
      await mine.says('Saved.');
      expect(JSON.parse(await settings())).toMatchObject({ settings: { a: 2, b: 2, c: 3 } });
      // The other one, who typed nothing since, sees it without asking.
      await theirs.page.waitForFunction(`document.querySelector('[aria-label="a"]')?.value === '2'`);
    });

    it('that cannot be saved, while the service is away, stay until it is back', async () => {
      await put('{"a":1}');
      const window = await signedIn('owner');
      await window.fill('a', '2');
      await service.kill('SIGTERM');
      await window.says('Not updating: no connection');
      await save(window);
      await window.says('The service cannot be reached.');
      service = await ServiceProcess.start(folder.path, variables);
      await window.click('Save');
      await window.says('Saved.');
      await window.page.waitForFunction(`!document.body.innerText.includes('Not updating')`);
      expect(await settings()).toContain('{"a": 2}');
    });

    it('are only looked at by a plain member, whose own are theirs', async () => {
      await put('{"a":1,"b":{"c":true}}');
      const window = await signedIn('user');
      await window.says('Only administrators and owners of the organization change them.');
      expect(await window.has('main input:not([type=search]), main select, main [aria-label^=Remove]')).toBe(false);
      await window.click('My settings');
      await window.says('They are yours alone.');
      await window.click('Add a key to the document');
      await window.fill('Name of the new key in the document', 'theme');
      await window.click('Add');
      await window.fill('theme', 'dark');
      await save(window);
      await window.says('Saved.');
    });

    it('are changed by keyboard alone', async () => {
      await put('{"flag":false}');
      const window = await signedIn('owner');
      const { keyboard } = window.page;
      const press = async (key: 'Tab' | 'Enter' | 'Space', until: string) => {
        for (let n = 0; n < 40; n++) {
          await keyboard.press(key);
          const name = await window.page.evaluate(
            `document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText ?? ''`,
          );
          if (name === until) return;
        }
        throw new Error(`${until} has no focus`);
      };
      await press('Tab', 'flag');
      await keyboard.press('Space');
      await press('Tab', 'Save …');
      await keyboard.press('Enter');
      await press('Tab', 'Save');
      await keyboard.press('Enter');
      await window.says('Saved.');
      expect(await settings()).toContain('{"flag": true}');
    });
  });

  describe('the history', () => {
    it('undoes one change, and leaves what came after it', async () => {
      await put('{"a":1,"b":1,"c":1}');
      await api('PUT', 'settings/organization', '{"a":2,"b":2}');
      const undone = (
        JSON.parse(await api('GET', 'settings/organization/versions?limit=1')) as { versions: { version: number }[] }
      ).versions[0]!.version;
      await api('PUT', 'settings/organization', '{"b":3,"c":3}');
      const window = await signedIn('owner');
      await window.go('settings/history');
      await window.page.locator(`::-p-text(Version ${undone})`).click();
      await window.click('Undo this change …');
      await window.says('Changed again since, and therefore left as it is: b.');
      await window.click('Undo it');
      await window.says('Undone.');
      expect(JSON.parse(await settings())).toMatchObject({ settings: { a: 1, b: 3, c: 3 } });
      expect(await newest()).toMatchObject({
        operation: 'merge-patch',
        reason: `Undo of version ${undone}`,
        paths: ['/a'],
      });
      await window.says(`Version ${undone + 2}`);
    });

    it('finds a key with a space in its name', async () => {
      // A list names the first keys of a change.
      await put('{}');
      await put('{"first key":1}');
      await put('{"first key":1,"firstkey":1}');
      const window = await signedIn('owner');
      await window.go('settings/history');
      await window.fill('Key contains', 'first key');
      await window.click('Filter');
      await window.page.waitForFunction(`!document.querySelector('.versions').innerText.includes('firstkey')`);
      await window.says('first key');
    });

    it('shows whom an undo and a restore touch before they are made', async () => {
      await put('{"was":1}');
      const { versions } = JSON.parse(await api('GET', 'settings/organization/versions?limit=1')) as {
        versions: [{ version: number }];
      };
      await put('{"is":1}');
      const window = await signedIn('owner');
      await window.go('settings/history');
      await window.page.locator(`::-p-text(Version ${versions[0].version + 1})`).click();
      await window.click('Undo this change …');
      await window.says('It changes what applies to');
      await window.click('Close');
      await window.page.waitForFunction(`document.querySelector('dialog') === null`);
      await window.page.locator(`::-p-text(Version ${versions[0].version})`).click();
      await window.click(`Restore version ${versions[0].version} …`);
      await window.says('It changes what applies to');
    });

    it('shows what the document was at some time', async () => {
      await put('{"was":"then"}');
      const { versions } = JSON.parse(await api('GET', 'settings/organization/versions?limit=1')) as {
        versions: { at: string }[];
      };
      const then = new Date(Date.parse(versions[0]!.at) + 1_000);
      const at = (time: Date) =>
        new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
      await pause(Math.max(0, then.getTime() + 1_000 - Date.now()));
      await put('{"is":"now"}');
      const window = await signedIn('user');
      await window.go('settings/history');
      const look = async (time: Date) => {
        await window.page.locator('::-p-aria(What was it then?)').fill(at(time));
        await window.click('Show');
      };
      await look(then);
      await window.says('"was": "then"');
      expect(await window.violations()).toStrictEqual([]);
      await window.click('Close');
      // Long before there was anything.
      await look(new Date('2020-05-03T12:00:00Z'));
      await window.says('As it was on May 3, 2020');
      await window.says('There was nothing yet.');
    });

    it('restores a version, compares any two, and finds who changed a key', async () => {
      await put('{"kept":{"every":"key"}}');
      const { versions } = JSON.parse(await api('GET', 'settings/organization/versions?limit=1')) as {
        versions: { version: number }[];
      };
      const [{ version }] = versions as [(typeof versions)[number]];
      await put('{"other":true}');
      const window = await signedIn('owner');
      await window.go('settings/history');
      await window.click('Compare versions …');
      await window.says('kept');
      await window.click('Close');
      await window.page.waitForFunction(`document.querySelector('dialog') === null`);
      await window.page.locator(`::-p-text(Version ${version})`).click();
      await window.click(`Restore version ${version} …`);
      await window.click('Restore it');
      await window.says('Restored.');
      expect(JSON.parse(await settings())).toMatchObject({ settings: { kept: { every: 'key' } } });
      await window.fill('Key contains', ' kept.every ');
      await window.fill('Changed by', 'nobody');
      await window.click('Filter');
      await window.says('No version is like that.');
      await window.fill('Changed by', 'owner@');
      await window.click('Filter');
      await window.says(`Version ${version}`);
    });
  });

  describe('what others change', () => {
    it('in the profile of the organization is shown and told, and what is typed stays', async () => {
      const [mine, theirs] = [await signedIn('owner'), await signedIn('administrator')];
      await mine.go('organization');
      await theirs.go('organization');
      await theirs.fill('City', 'Reykjavik');
      await save(theirs);
      await mine.says('administrator@acme.example changed the profile of the organization.');
      await mine.holds('City', 'Reykjavik');
      await mine.fill('Phone', '+354 1');
      await theirs.fill('City', 'Akureyri');
      await save(theirs);
      await mine.says('administrator@acme.example changed this');
      await mine.holds('City', 'Akureyri');
      await mine.holds('Phone', '+354 1');
      await save(mine);
      await mine.says('Saved.');
      await theirs.holds('Phone', '+354 1');
    });

    it('in the policy is shown and told', async () => {
      const [mine, theirs] = [await signedIn('owner'), await signedIn('administrator')];
      await mine.go('policy');
      await mine.says('Nothing is locked.');
      await theirs.go('policy');
      await theirs.fill('Key to lock', 'branding');
      await theirs.click('Lock it');
      await save(theirs);
      await theirs.says('Saved.');
      await mine.says('administrator@acme.example changed the policy.');
      await mine.says('Why branding is locked');
      await mine.click('Unlock branding');
      await save(mine);
      await mine.says('Saved.');
      await theirs.says('Nothing is locked.');
    });

    it('about people is shown and told to who comes back to the page, also if it is about themselves', async () => {
      const [mine, theirs] = [await signedIn('owner'), await signedIn('user')];
      await mine.go('people');
      await mine.fill('Search by name, email or role', 'ada');
      const ada = { email: 'ada@acme.example', firstName: 'Ada', lastName: 'Lovelace', sendInvite: false };
      await api('POST', 'organization/users', JSON.stringify(ada));
      await mine.comeBack();
      await mine.says('Changed meanwhile: ada@acme.example.');
      await mine.holds('Search by name, email or role', 'ada');
      expect(await mine.has('[aria-label="Manage ada@acme.example"]')).toBe(true);
      const { data } = JSON.parse(await api('GET', 'organization/users')) as { data: { id: string; email: string }[] };
      const { id } = data.find(({ email }) => email === 'user@acme.example')!;
      const give = async (orgRole: number) => {
        await api('PUT', `user/${id}/role`, JSON.stringify({ orgRole }));
        await theirs.comeBack();
      };
      await give(2);
      await theirs.says('Your role is another one now: Workspaces.');
      await theirs.go('people');
      await theirs.says('ada@acme.example');
      await give(0);
      await theirs.says('Your role does not show you the members of the organization.');
    });

    it('in documents has no page ask for all people again', async () => {
      await put('{"a":1}');
      const mine = await signedIn('owner');
      await mine.go('people');
      await mine.says('administrator@acme.example');
      const asked: string[] = [];
      mine.page.on('request', (request) => asked.push(request.url()));
      // As long as it would wait after somebody came back.
      await pause(6_000);
      await put('{"a":2}');
      await mine.go('settings');
      await mine.holds('a', '2');
      await mine.go('people');
      await mine.says('administrator@acme.example');
      await put('{"a":3}');
      await pause(6_000);
      expect(asked.filter((url) => url.endsWith('/organization/users'))).toHaveLength(1);
    });

    it('goes together with a text that is no JSON yet', async () => {
      await put('{"quota":1,"a":1}');
      const mine = await signedIn('administrator');
      await mine.go('settings/text');
      await mine.focusEditor();
      await mine.selectAll();
      await mine.page.keyboard.sendCharacter('{"quota": 2, ');
      await mine.says('Not taken over yet, because it is no JSON');
      await api('PUT', 'settings/organization', '{"b":2}');
      await mine.says('owner@acme.example changed the settings of the organization.');
      await mine.page.keyboard.sendCharacter('"a": 1}');
      await mine.says('1 change is not saved');
      await save(mine);
      await mine.says('Saved.');
      expect(JSON.parse(await settings())).toMatchObject({ settings: { quota: 2, a: 1, b: 2 } });
    });

    it('comes on top of the history', async () => {
      await put('{"a":1}');
      const mine = await signedIn('owner');
      await mine.go('settings/history');
      await put('{"appeared":true}');
      await mine.says('appeared');
    });
  });

  it('invites somebody, gives them another role, removes them, and brings them back', async () => {
    const window = await signedIn('administrator');
    await window.go('people');
    await window.click('Invite somebody …');
    await window.fill('Email', 'grace@acme.example');
    await window.fill('First name', 'Grace');
    await window.fill('Last name', 'Hopper');
    await window.click('Invite');
    await window.says('grace@acme.example was invited.');
    await window.says('Invited, has not come yet');
    const act = async (button: string, says: string) => {
      await window.click('Manage grace@acme.example');
      if (button === 'Save') await window.choose('Role', '1');
      await window.click(button);
      await window.says(says);
      await window.page.waitForFunction(`document.querySelector('dialog') === null`);
    };
    await act('Save', 'grace@acme.example was changed.');
    await window.says('Billing');
    await act('Remove', 'grace@acme.example was removed.');
    await window.says('Removed');
    await act('Bring back', 'grace@acme.example is back.');
    // Owners are not for administrators to manage.
    expect(await window.has('[aria-label="Manage owner@acme.example"]')).toBe(false);
    await window.fill('Search by name, email or role', 'hopper');
    expect(await window.text()).not.toContain('billing@acme.example');
  });

  it('tells a plain member what they may not see, and lets them change their own name', async () => {
    const window = await signedIn('user');
    await window.go('people');
    await window.says('Your role does not show you the members of the organization.');
    await window.go('organization');
    await window.says('Only administrators and owners of the organization change it.');
    await window.go('audit');
    await window.says('What you did yourself');
    await window.go('profile');
    await window.fill('First name', 'Ursula');
    await window.click('Save');
    await window.says('Your name was changed.');
    await window.click('Sign out');
    await window.says('Sign in with a token');
  });

  it('changes the profile of the organization, and shows its history', async () => {
    const window = await signedIn('owner');
    await window.go('organization');
    await window.fill('City', 'Los Angeles');
    await window.click('Members need multi-factor authentication');
    await save(window, 'New office');
    await window.says('Saved.');
    await window.go('organization/history');
    await window.says('New office');
  });

  it('shows the audit, and exports it as a file', async () => {
    await put('{"a":"=1+1","quota":12345678901234567890}');
    const window = await signedIn('owner');
    await window.go('audit');
    await window.choose('About', 'orgsettings');
    await window.says('Settings of the organization');
    await window.page.locator('.audit summary').click();
    await window.says('12345678901234567890');
    await window.page.evaluate(
      `URL.createObjectURL = (blob) => (blob.text().then((text) => (window.exported = text)), 'data:,')`,
    );
    await window.click('Export as CSV');
    await window.page.waitForFunction('window.exported !== undefined');
    const csv = (await window.page.evaluate('window.exported')) as string;
    expect(csv).toMatch(/^\ufeff?timestamp,event,context,/);
    expect(csv).toContain(',orgsettings,');
  });

  it('shows in the audit what happens meanwhile, but not under who looks at older events', async () => {
    for (let n = 0; n < 101; n++) await put(`{"step":${n}}`);
    const window = await signedIn('owner');
    await window.go('audit');
    const newest = `document.querySelector('.audit tbody tr')?.innerText`;
    const before = (await window.page.evaluate(newest)) as string;
    // Events of one minute look the same, but for the number of keys.
    await put('{"one":1,"two":2}');
    await window.page.waitForFunction(`${newest} !== ${JSON.stringify(before)}`);
    await window.settles();
    await window.click('Show older ones');
    await window.page.waitForFunction(`document.querySelectorAll('.audit tbody tr').length > 100`);
    const looked = (await window.page.evaluate(newest)) as string;
    await put('{"a":1,"b":1,"c":1,"d":1}');
    await window.says('Something else happened meanwhile.');
    expect(await window.page.evaluate(newest)).toBe(looked);
    await window.click('Show it');
    await window.page.waitForFunction(`${newest} !== ${JSON.stringify(looked)}`);
    await window.settles();
    expect(await window.page.evaluate(`document.querySelectorAll('.audit tbody tr').length`)).toBe(100);
    expect(await window.text()).not.toContain('Something else happened meanwhile.');
  });

  it('shows in the audit what one person did, by one click', async () => {
    await put('{"mine":1}');
    const theirs = await signedIn('user');
    await theirs.go('mine');
    await theirs.click('Add a key to the document');
    await theirs.fill('Name of the new key in the document', 'audited');
    await theirs.click('Add');
    await save(theirs);
    await theirs.says('Saved.');
    const window = await signedIn('owner');
    await window.go('audit');
    await window.says('user@acme.example');
    await window.click('Only what user@acme.example did');
    await window.page.waitForFunction(
      `[...document.querySelectorAll('.audit tbody tr')].every((row) => row.innerText.includes('user@acme.example'))`,
    );
    await window.says('Settings of a user');
  });

  it('lists what the schema knows and nobody set, with its rules, and begins with its type', async () => {
    const properties = { rows: { type: 'integer', minimum: 3, description: 'How many' }, beep: { type: 'boolean' } };
    await api('POST', 'settings/organization/policy', JSON.stringify({ policy: { schema: { user: { properties } } } }));
    const window = await signedIn('billing');
    await window.go('mine');
    await window.says('How many · whole number, at least 3');
    await window.says('not set');
    await window.click('Set here: rows');
    await window.holds('rows', '3');
    await window.click('Add a key to the document');
    await window.fill('Name of the new key in the document', 'beep');
    await window.click('Add');
    await window.page.waitForSelector('::-p-aria([name="beep"][role="checkbox"])');
    await window.click('Discard');
    await api('DELETE', 'settings/organization/policy');
  });

  it('shows a lock also where nothing is set by who locks, and that what is below it does not apply', async () => {
    const window = await signedIn('workspaces');
    await window.go('mine/text');
    await window.focusEditor();
    await window.selectAll();
    await window.page.keyboard.sendCharacter('{"vault":{"own":1}}');
    await save(window);
    await window.says('Saved.');
    await window.go('mine');
    await window.holds('vault.own', '1');
    const policy = { locks: { '/vault': { reason: 'SOC 2' } } };
    await api('POST', 'settings/organization/policy', JSON.stringify({ policy }));
    await window.says('locked by the organization: SOC 2');
    await window.says('It does not apply.');
    expect(await window.has('[aria-label="vault.own"]')).toBe(false);
    expect(await window.has('[aria-label="Add a key to vault"]')).toBe(false);
    await api('DELETE', 'settings/organization/policy');
  });

  it('shows what applies beside what is set, what it is for, and what may be chosen', async () => {
    await put('{"theme":"light","size":1}');
    const policy = {
      schema: {
        user: {
          properties: { theme: { description: 'How it looks', enum: ['light', 'dark'] }, beep: { default: true } },
        },
      },
      enforcement: 'enforce',
    };
    await api('POST', 'settings/organization/policy', JSON.stringify({ policy }));
    const window = await signedIn('billing');
    await window.go('mine');
    await window.says('by default');
    await window.click('Set here: theme');
    await window.says('How it looks');
    await window.choose('theme', '"dark"');
    await save(window);
    await window.says('Saved.');
    await window.page.reload();
    await window.click('Sign in as the demo owner');
    await window.go('settings');
    await window.fill('size', '2');
    await window.click('Save …');
    await window.says('It changes what applies to');
    await api('DELETE', 'settings/organization/policy');
  });

  it('locks a key with its reason in the policy, and shows the lock where the key is', async () => {
    await put('{"security":{"requireMFA":true}}');
    const window = await signedIn('owner');
    await window.go('policy');
    await window.fill('Key to lock', 'security.requireMFA');
    await window.click('Lock it');
    await window.fill('Why security.requireMFA is locked', 'SOC 2');
    await window.click('Save …');
    await window.says('It changes nothing for anybody.');
    await window.fill('Reason (optional)', 'Audit');
    await window.click('Save');
    await window.says('Saved.');
    expect(await api('GET', 'settings/organization/policy')).toContain('{"/security/requireMFA": {"reason": "SOC 2"}}');
    await window.go('policy/history');
    await window.says('Audit');
    const theirs = await signedIn('user');
    await theirs.go('mine');
    await theirs.says('locked by the organization: SOC 2');
    await theirs.says('from the organization');
    expect(await theirs.has('[aria-label="Set here: security.requireMFA"]')).toBe(false);
    await window.go('policy');
    await window.click('Unlock security.requireMFA');
    await save(window);
    await window.says('Saved.');
  });

  it('says before it is saved what the service would refuse', async () => {
    const window = await signedIn('owner');
    await window.go('policy/text');
    await window.focusEditor();
    await window.selectAll();
    await window.page.keyboard.sendCharacter('{"schema":{"user":{"type":"strin"}}}');
    await window.click('Save …');
    await window.says('Nobody can tell whom this touches:');
    await window.says('strin');
  });

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
      window = await ConsolePage.signedIn(browser, service, 'owner', options);
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
      expect(window.complaints.filter((complaint) => !EXPECTED.test(complaint))).toStrictEqual([]);
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
      const welcome = await ConsolePage.open(browser, addressOf(service), options);
      windows.push(welcome);
      await welcome.says('Sign in as the demo owner');
      expect(await welcome.violations()).toStrictEqual([]);
      expect(await welcome.overflow()).toBe(0);
    });
  });
});
