import { describe, expect, it } from 'vitest';
import { runAdmin } from '../support/process.js';
import { describeInBrowser } from './console.js';

describeInBrowser((stage) => {
  const { api, opened, put, save, settings, signedIn } = stage;

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
      const window = await opened(`${stage.service.url}/console#demo=another`);
      await window.says('To sign in with one click, open the address that the service printed when it started.');
      await window.click('Sign in with a token');
      await window.fill('Access token', 'nonsense');
      await window.click('Sign in');
      await window.says('Unauthorized.');
      await window.paste('Access token', stage.service.token('plain member'));
      await window.click('Sign in');
      await window.says('user@acme.example');
    });

    it('says that the session ends before it does, and goes on with what was typed', async () => {
      await put('{"a":1}');
      const { data } = JSON.parse(await api('GET', 'user/profile')) as { data: { id: string } };
      const window = await opened(`${stage.service.url}/console`);
      await window.click('Sign in with a token');
      const issued = await runAdmin(stage.folder.path, ['issue-token', '--user', data.id, '--expires-in', '30s']);
      await window.paste('Access token', issued.stdout.trim());
      await window.click('Sign in');
      await window.says('Your session ends in less than two minutes.');
      await window.fill('a', '2');
      await window.says('Your session has ended. What you typed is still here, for you alone.');
      // Nobody gets past it, however often they press the key.
      for (let n = 0; n < 3; n++) await window.page.keyboard.press('Escape');
      await window.click('Sign in with a token');
      await window.paste('Access token', stage.service.token('demo owner'));
      await window.click('Sign in');
      await window.says('1 change is not saved');
      await save(window);
      await window.says('Saved.');
      expect(await settings()).toContain('{"a": 2}');
    });
  });

  it('invites somebody, gives them another role, removes them, and brings them back', async () => {
    const window = await signedIn('administrator');
    await window.go('people');
    await window.click('Invite somebody …');
    // The first field has the focus, and Tab leads on.
    await window.settles();
    for (const text of ['grace@acme.example', 'Grace', 'Hopper']) {
      await window.page.keyboard.type(text);
      await window.page.keyboard.press('Tab');
    }
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
});
