import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';

let app: TestApp;
let written = '';

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  }
  app = await TestApp.start({ LOG_LEVEL: 'verbose' });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await app.close();
});

it('shows no value of any setting, no token and no reason, whatever goes wrong', async () => {
  const organization = await anOrganization(app.dataSource);
  const as = organization.owner;
  const settings = '/settings/organization';
  const headers = { 'change-reason': 'reason-4711' };
  await app.request('PUT', settings, { as, body: { password: 'secret-4711', note: 'plain-4711' }, headers });
  await app.request('PUT', settings, { as, body: '{"password":"secret-4711', headers });
  const patch = { 'content-type': 'application/json-patch+json' };
  await app.request('PATCH', settings, {
    as,
    body: [{ op: 'test', path: '/note', value: 'plain-4711' }],
    headers: patch,
  });
  await app.request('PATCH', settings, { as, body: [{ op: 'test', path: '/x', value: 'plain-4711' }], headers: patch });
  await app.dataSource.query('alter table organization_changes rename to gone');
  const failed = await app.request('PUT', settings, { as, body: { password: 'secret-4712' }, headers });
  await app.dataSource.query('alter table gone rename to organization_changes');
  expect(failed.status).toBe(500);
  expect(failed.body).toStrictEqual({ success: false, message: 'Internal server error' });
  expect(written).toContain('failed: PUT /settings/organization');
  expect(written).not.toMatch(/471[12]/);
  expect(written).not.toContain(app.tokenFor(as).split('.')[0]!);
  const kept = await app.request('GET', settings, { as });
  expect(kept.body).toStrictEqual({ success: true, settings: { password: 'secret-4711', note: 'plain-4711' } });
});
