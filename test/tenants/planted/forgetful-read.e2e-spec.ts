import { expect, it, vi } from 'vitest';
import { StatementRunner } from '../../../src/database/statement-runner.js';
import { TestApp } from '../../support/app.js';
import { anOrganization } from '../../support/factories.js';

/** Passes, and its file fails: `../tenants.e2e-spec.ts` runs it and sees that. */
it.runIf(process.env['PLANT_FORGETFUL_READ'] !== undefined)('a read that forgets its owner', async () => {
  const app = await TestApp.start();
  const mine = await anOrganization(app.dataSource);
  const theirs = await anOrganization(app.dataSource);
  await app.request('PUT', '/settings/organization', { as: theirs.owner, body: { theirs: true } });

  const runner = app.nest.get(StatementRunner);
  const run = runner.run.bind(runner);
  vi.spyOn(runner, 'run').mockImplementation(({ name, text }, values) =>
    run({ name: `${name}-planted`, text: text.replace(/\bc\.organization_id = \$3 and\b/, '') }, values),
  );
  const { body } = await app.request('GET', '/settings/organization/versions', { as: mine.owner });
  expect(body).toMatchObject({ versions: [{ paths: ['/theirs'] }] });
  await app.close();
});
