import { expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization } from '../support/factories.js';

it('shows no value of any setting, no token and no reason, whatever goes wrong', async () => {
  // Lines for people; those of production are told by the tests of the request log.
  const app = await TestApp.start({ LOG_LEVEL: 'verbose', NODE_ENV: 'test' });
  const organization = await anOrganization(app.dataSource);
  const as = organization.owner;
  const settings = '/settings/organization';
  const headers = { 'change-reason': 'reason-zulu' };
  await app.request('PUT', settings, { as, body: { password: 'secret-zulu', note: 'plain-zulu' }, headers });
  await app.request('GET', `${settings}?token=query-zulu`, { as });
  await app.request('GET', '/systemevent/zulu@example.com', { as });
  await app.request('GET', `/organization/zulu@example.com`, { as });
  await app.request('GET', settings, { headers: { authorization: 'Bearer zulu.zulu.zulu' } });
  await app.request('PUT', settings, { as, body: '{"password":"secret-zulu', headers });
  const patch = { 'content-type': 'application/json-patch+json' };
  await app.request('PATCH', settings, {
    as,
    body: [{ op: 'test', path: '/note', value: 'plain-zulu' }],
    headers: patch,
  });
  await app.request('PATCH', settings, { as, body: [{ op: 'test', path: '/x', value: 'plain-zulu' }], headers: patch });
  await app.dataSource.query('alter table organization_changes rename to gone');
  const failed = await app.request('PUT', settings, { as, body: { password: 'secret-zulu2' }, headers });
  await app.dataSource.query('alter table gone rename to organization_changes');
  expect(failed.status).toBe(500);
  expect(failed.body).toStrictEqual({ success: false, message: 'Internal server error' });
  const kept = await app.request('GET', settings, { as });
  expect(kept.body).toStrictEqual({ success: true, settings: { password: 'secret-zulu', note: 'plain-zulu' } });

  await app.close();
  const written = app.process.output.stdout;
  expect(written).toContain('failed: PUT /settings/organization');
  expect(written).not.toMatch(/zulu/);
  expect(written).toContain(`user_id=${as}`);
  expect(written).not.toMatch(/@[a-z]+\.example|Bearer/);
  expect(written).not.toContain(app.tokenFor(as).split('.')[0]!);
});
