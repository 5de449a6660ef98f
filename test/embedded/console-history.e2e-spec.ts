import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { describeInBrowser } from './console.js';

describeInBrowser((stage) => {
  const { api, newest, put, save, settings, signedIn } = stage;

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

    it('offers to restore each version but the one that the document has', async () => {
      await put('{"was":1}');
      await put('{"is":1}');
      const { version } = await newest();
      const window = await signedIn('owner');
      await window.go('settings/history');
      await window.page.locator(`::-p-text(Version ${version})`).click();
      await window.says('Undo this change …');
      expect(await window.text()).not.toContain('Restore version');
      await window.page.locator(`::-p-text(Version ${version - 1})`).click();
      await window.says(`Restore version ${version - 1} …`);
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
});
