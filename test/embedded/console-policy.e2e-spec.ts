import { expect, it } from 'vitest';
import { describeInBrowser } from './console.js';

describeInBrowser((stage) => {
  const { api, put, save, signedIn } = stage;

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
    await window.says('Nobody gets another value because of it.');
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
});
