import { expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { anOrganization } from '../../support/factories.js';

/** Passes, and its file fails: `../tenants.e2e-spec.ts` runs it and sees that. */
it.runIf(process.env['PLANT_FORGETFUL_READ'] !== undefined)('a read that forgets its owner', async () => {
  const app = await TestApp.start({}, undefined, { preload: ['../tenants/planted/forgetful-read.js'] });
  const mine = await anOrganization(app.dataSource);
  const theirs = await anOrganization(app.dataSource);
  await app.request('PUT', '/settings/organization', { as: theirs.owner, body: { theirs: true } });

  const { body } = await app.request('GET', '/settings/organization', { as: mine.owner });
  expect(body).toMatchObject({ settings: { theirs: true } });
  await app.close();
});
