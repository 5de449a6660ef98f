import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeInBrowser } from './console.js';

describeInBrowser((stage) => {
  const { api, newest, put, save, settings, signedIn, startService } = stage;

  it.each([
    ['settings', '.tree'],
    ['organization', 'form'],
    ['policy', 'form'],
  ])('the page %s has its first view, where the address names none that it has', async (page, content) => {
    const window = await signedIn('owner');
    await window.go(`${page}/unknown`);
    expect(await window.has('.views a:first-child[aria-current=page]')).toBe(true);
    expect(await window.has(`main ${content}`)).toBe(true);
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
        '{"success":true,"settings":{"quota": 12345678901234567890, ' +
          '"security": {"requireMFA": true, "sessionTimeout": 0.10000000000000000001}}}',
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
      await stage.service.kill('SIGTERM');
      await window.says('Not updating: no connection');
      await save(window);
      await window.says('The service cannot be reached.');
      await startService();
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
});
