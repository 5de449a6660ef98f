import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { profileRequests, refusal } from './profile-requests.js';

let app: TestApp;
let organization: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource, { name: 'Acme', city: 'Köln', domain: 'acme.com' });
});

const { profile, profileAt, put, restore, send, versions } = profileRequests(() => ({ app, organization }));

describe('a restored version', () => {
  it('answers as a PUT does, with the fields that a PUT may change', async () => {
    await put({ city: 'Bonn', address2: '2', is_business: true, mfaEnforced: true });
    await put({ city: 'Ulm', address2: null, is_business: false, mfaEnforced: false, name: 'Acme 2' });
    await app.dataSource.query(
      `update organizations set website = 'https://acme.com', repos_disabled = true where id = $1`,
      [organization.id],
    );
    const answer = await restore(1, { headers: { 'change-reason': 'Oops' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({
      success: true,
      data: {
        ...(await profileAt(1)),
        website: 'https://acme.com',
        reposDisabled: true,
      },
      message: 'Organization updated successfully',
    });
    expect(answer.headers['etag']).toBe((await send('GET')).headers['etag']);
    expect(await profile()).toMatchObject({ name: 'Acme', city: 'Bonn', address2: '2', reposDisabled: true });
    expect((await versions('?limit=1')).versions[0]).toMatchObject({
      version: 3,
      operation: 'restore',
      reason: 'Oops',
    });
  });

  it('is an event', async () => {
    await put({ city: 'Bonn' });
    await restore(0, { headers: { 'change-reason': 'Oops' } });
    const { body } = await app.request('POST', '/systemevent', {
      as: organization.owner,
      body: { context: 4, take: 1 },
    });
    const [event] = (body as { events: { event: string; jsonData: string }[] }).events;
    expect(event).toMatchObject({ event: 'updated', userId: organization.owner });
    expect(JSON.parse(event!.jsonData)).toMatchObject({ version: 2, operation: 'restore', reason: 'Oops' });
  });

  it('is no new version where it changes nothing', async () => {
    await put({ city: 'Bonn' });
    const answer = await restore(1);
    expect(answer.headers['etag']).toMatch(/^"1-/);
    expect((await versions()).versions).toHaveLength(2);
  });

  it('honours If-Match and If-None-Match', async () => {
    await put({ city: 'Bonn' });
    await put({ city: 'Ulm' });
    const late = await restore(0, { headers: { 'if-match': '"1"' } });
    expect(late.status).toBe(412);
    expect(late.body).toStrictEqual(refusal('Precondition failed: the current version is different'));
    expect(late.headers['etag']).toMatch(/^"2-/);
    expect((await restore(0, { headers: { 'if-none-match': '*' } })).status).toBe(412);
    expect((await restore(0, { headers: { 'if-match': 'x' } })).status).toBe(400);
    expect((await restore(0, { headers: { 'if-match': '"2"' } })).status).toBe(200);
  });

  it('loses no change that is made at the same time', async () => {
    await put({ city: 'Bonn' });
    const all = [put({ phone: '1' }), put({ state: 'NRW' }), restore(0), put({ country: 'DE' })];
    for (const { status } of await Promise.all(all)) expect(status).toBe(200);
    const { versions: found } = await versions();
    expect(found.map(({ version }) => version)).toStrictEqual([5, 4, 3, 2, 1, 0]);
    // Each version is the one before with the change of its own.
    for (const { version, operation } of found.filter((one) => one.version > 0)) {
      const [before, after] = [await profileAt(version - 1), await profileAt(version)];
      const { body } = await send('GET', `/versions/${version}/diff`);
      const { patch } = (body as { data: { patch: { path: string; value: unknown }[] } }).data;
      const changed = Object.fromEntries(patch.map(({ path, value }) => [path.slice(1), value]));
      expect(after).toStrictEqual({ ...before, ...changed });
      if (operation === 'restore') expect(after).toStrictEqual(await profileAt(0));
    }
    expect(await profileAt(5)).toStrictEqual(await profile());
  });
});

describe('who may see and restore versions', () => {
  const READS = ['/versions', '/versions/0', '/versions/1', '/versions/1/diff', '?at=9999-12-31T23:59:59Z'];
  const MAY_NOT_VIEW = 'Access denied: you can only view your own organization';
  const MAY_NOT_CHANGE = 'Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify organization';

  beforeEach(async () => {
    await put({ city: 'Bonn' });
  });

  it('each member sees, administrators and owners restore', async () => {
    for (const as of [organization.user, organization.billing, organization.workspaces]) {
      for (const at of READS) expect((await send('GET', at, { as })).status).toBe(200);
      const answer = await restore(0, { as });
      expect(answer.status).toBe(403);
      expect(answer.body).toStrictEqual(refusal(MAY_NOT_CHANGE));
    }
    for (const as of [organization.administrator, organization.owner]) {
      expect((await restore(0, { as })).status).toBe(200);
      expect((await restore(1, { as })).status).toBe(200);
    }
  });

  it('the members of another organization do not, whether they are remembered or not', async () => {
    const other = await anOrganization(app.dataSource);
    for (const as of [other.owner, other.user, 'nobody']) {
      for (let again = 0; again < 2; again++) {
        for (const at of READS) {
          const answer = await send('GET', at, { as });
          expect(answer.status).toBe(403);
          expect(answer.body).toStrictEqual(refusal(MAY_NOT_VIEW));
        }
        expect((await restore(0, { as })).body).toStrictEqual(refusal(MAY_NOT_CHANGE));
        await app.request('GET', `/organization/${other.id}/versions`, { as });
      }
    }
    expect(await profile()).toMatchObject({ city: 'Bonn' });
  });

  it('a membership or an organization that is gone stops at once', async () => {
    const { user, owner } = organization;
    await send('GET', '', { as: user });
    await app.dataSource.query('update members set deleted_at = now() where user_id = $1', [user]);
    for (const at of READS) {
      expect((await send('GET', at, { as: user })).body).toStrictEqual(refusal(MAY_NOT_VIEW));
      await send('GET', '', { as: user });
    }
    await send('GET', '', { as: owner });
    await app.dataSource.query('update organizations set deleted_at = now() where id = $1', [organization.id]);
    for (const at of READS) expect((await send('GET', at)).body).toStrictEqual(refusal('Organization not found'));
    expect((await restore(0)).body).toStrictEqual(refusal('Organization not found'));
  });

  it('a service account needs the scope to read for the one, the scope to write for the other', async () => {
    const reader = await aService(app.dataSource, ['organization:read'], { organizationId: organization.id });
    const writer = await aService(app.dataSource, ['organization:write'], { organizationId: organization.id });
    for (let again = 0; again < 2; again++) {
      for (const at of READS) {
        expect((await send('GET', at, { as: reader })).status).toBe(200);
        expect((await send('GET', at, { as: writer })).body).toStrictEqual(
          refusal('Insufficient permissions: the scope organization:read is required'),
        );
      }
    }
    expect((await restore(0, { as: reader })).status).toBe(403);
    expect((await restore(0, { as: writer })).status).toBe(200);
    const { body } = await send('GET', '/versions?limit=1', { as: reader });
    expect(body).toMatchObject({ data: { versions: [{ actor: { id: writer, email: null } }] } });
    await app.dataSource.query(`update service_accounts set scopes = '{settings:read}' where id = $1`, [reader]);
    expect((await send('GET', '/versions', { as: reader })).status).toBe(403);
  });
});
