import { expect, it } from 'vitest';
import { addressOf, type ConsolePage } from '../support/console-page.js';
import { runAdmin } from '../support/process.js';
import { describeEditing } from './editing.js';

describeEditing((stage) => {
  const { api, opened, put, signedIn } = stage;
  let window: ConsolePage;

  it('lets go on who does not want to sign in again yet, and asks who signs out with changes', async () => {
    await put({ a: 1 });
    const { data } = (await api('GET', 'user/profile')) as { data: { id: string } };
    const issued = await runAdmin(stage.folder.path, ['issue-token', '--user', data.id, '--expires-in', '100s']);
    // An address that nobody could decode is the page's address nevertheless.
    window = await opened(`${stage.service.url}/console#/%`);
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

  it('does not save a member whom somebody else changed since they were looked at', async () => {
    window = await signedIn();
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
    window = await signedIn();
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
    window = await signedIn();
    await window.go('profile');
    await window.fill('First name', 'Olga');
    const { data } = (await api('GET', 'user/profile')) as { data: { id: string } };
    await api('PUT', `user/${data.id}`, { lastName: 'Meanwhile' });
    await window.click('Save');
    await window.says('Your name was changed.');
    expect(await api('GET', 'user/profile')).toMatchObject({ data: { name: 'Olga', lastName: 'Meanwhile' } });
  });

  it('keeps names that were typed while another page is looked at, and takes a token as it is copied', async () => {
    window = await opened(`${stage.service.url}/console`);
    await window.click('Sign in with a token');
    await window.paste('Access token', 'to.k…en');
    await window.click('Sign in');
    await window.says('That is no access token: it has letters, digits, and . _ ~ + / = - only');
    await window.paste('Access token', `"Bearer ${stage.service.token('demo owner').replace('.', '.\n')}" `);
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
    window = await opened(addressOf(stage.service));
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
