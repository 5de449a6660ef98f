import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServiceAccount } from '../../src/service-account/service-account.entity.js';
import type { ServiceScope } from '../../src/auth/service-scope.js';
import { TestApp } from '../support/app.js';
import { anOrganization, aService, type TestOrganization } from '../support/factories.js';
import { aSigningKey, TestIdentityProvider } from '../support/identity-provider.js';
import {
  BOUND_SCOPES,
  READ_REFUSED,
  ROUTES,
  SETTINGS_ROUTES,
  STRANGER,
  WITHOUT,
  serviceRequests,
} from './service-account.js';

let app: TestApp;
let organization: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());
beforeEach(async () => {
  organization = await anOrganization(app.dataSource);
  other = await anOrganization(app.dataSource);
  for (const { owner } of [organization, other]) {
    await app.request('PUT', '/settings/organization', { as: owner, body: { first: true } });
  }
});

const { admin, ask, read, service, settingsOf, write } = serviceRequests(() => ({ app, organization }));

describe('happy path', () => {
  it.each(ROUTES)('%s %s takes who has the scope %s', async (method, path, scope, _, options) => {
    for (const as of [await service(scope), await aService(app.dataSource, [scope])]) {
      // Twice: before and after the service account is remembered.
      expect((await ask(as, method, path, options)).status).toBe(200);
      expect((await ask(as, method, path, options)).status).toBe(200);
      expect((await ask(as, method, path, options, organization.id.toUpperCase())).status).toBe(200);
    }
  });

  it('sees and changes the same as members do', async () => {
    const as = await service(...BOUND_SCOPES);
    const written = await write(as, { security: { requireMFA: true } });
    expect(written.body).toStrictEqual({
      success: true,
      message: 'Organization settings partially updated successfully',
    });
    const seen = await read(as);
    const member = await app.request('GET', '/settings/organization', { as: organization.user });
    expect(seen.text).toBe(member.text);
    expect(seen.headers['etag']).toBe(member.headers['etag']);
    expect(seen.body).toStrictEqual({ success: true, settings: { first: true, security: { requireMFA: true } } });
    const unchanged = await ask(as, 'GET', '/settings/organization', {
      headers: { 'if-none-match': String(seen.headers['etag']) },
    });
    expect(unchanged.status).toBe(304);
    const late = await ask(as, 'PUT', '/settings/organization', { body: { a: 1 }, headers: { 'if-match': '"1"' } });
    expect(late.status).toBe(412);

    const changed = await ask(as, 'PUT', '/organization/:orgId', { body: { city: 'Oslo' } });
    const profile = await app.request('GET', `/organization/${organization.id}`, { as: organization.user });
    expect(changed.body).toMatchObject({ success: true, data: (profile.body as { data: object }).data });
    expect((await ask(as, 'GET', '/organization/:orgId')).text).toBe(profile.text);
  });

  it('may be the first to write, and one for all organizations changes the one that it names', async () => {
    const as = await aService(app.dataSource, ['settings:write']);
    const fresh = await anOrganization(app.dataSource);
    expect((await write(as, { a: 1 }, fresh.id)).status).toBe(200);
    expect((await write(as, { b: 2 }, other.id)).status).toBe(200);
    expect(await settingsOf(fresh)).toStrictEqual({ success: true, settings: { a: 1 } });
    expect(await settingsOf(other)).toStrictEqual({ success: true, settings: { first: true, b: 2 } });
    expect(await settingsOf(organization)).toStrictEqual({ success: true, settings: { first: true } });
  });

  it('is in the history by its id, and in events by its name', async () => {
    const as = await service('settings:write', 'settings:read', 'organization:write');
    await ask(as, 'PUT', '/settings/organization', { body: { a: 1 }, headers: { 'change-reason': 'Nightly' } });
    await ask(as, 'PUT', '/organization/:orgId', { body: { city: 'Oslo' } });
    const { body } = await ask(as, 'GET', '/settings/organization/versions?limit=1');
    expect(body).toMatchObject({ versions: [{ version: 2, actor: { id: as, email: null }, reason: 'Nightly' }] });
    const events = await app.request('POST', '/systemevent', {
      as: organization.owner,
      body: { userId: as, skip: 0, take: 10 },
    });
    expect(events.body).toMatchObject({
      events: [
        { context: 'org', userId: as, userName: 'Billing', userEmail: null },
        { context: 'orgsettings', userId: as, userName: 'Billing', userEmail: null },
      ],
      total: 2,
    });
  });

  it('counts for itself and for the organization that it names', async () => {
    const limited = await TestApp.start({ RATE_LIMIT_PER_MINUTE: '5', RATE_LIMIT_ORGANIZATION_PER_MINUTE: '2' });
    try {
      const [one, two] = [await anOrganization(limited.dataSource), await anOrganization(limited.dataSource)];
      const as = await aService(limited.dataSource, ['settings:read']);
      const status = async (about: string) =>
        (await ask(as, 'GET', '/settings/organization', {}, about, limited)).status;
      expect([await status(one.id), await status(one.id.toUpperCase()), await status(one.id)]).toStrictEqual([
        200, 200, 429,
      ]);
      expect((await limited.request('GET', '/settings/organization', { as: one.owner })).status).toBe(429);
      expect([await status(two.id), await status(two.id), await status(two.id)]).toStrictEqual([200, 200, 429]);
    } finally {
      await limited.close();
    }
  });
});

describe('what changes', () => {
  it.each(ROUTES)('holds at once for %s %s (%s)', async (method, path, scope, _, options) => {
    const [strangers, message] = STRANGER[scope];
    const as = await service(...BOUND_SCOPES);
    const others = BOUND_SCOPES.filter((one) => one !== scope);
    const answer = async () => {
      const { status, body } = await ask(as, method, path, options);
      return [status, (body as { message?: string }).message];
    };
    const works = async () => expect((await answer())[0]).toBe(200);

    await works();
    await admin.setScopes(as, others);
    expect(await answer()).toStrictEqual([403, WITHOUT[scope]]);
    expect(await answer()).toStrictEqual([403, WITHOUT[scope]]);
    await admin.setScopes(as, [scope]);
    await works();
    await works();
    await admin.delete(as);
    expect(await answer()).toStrictEqual([strangers, message]);
    expect(await answer()).toStrictEqual([strangers, message]);
    await admin.restore(as);
    await works();
    await works();
    const services = app.dataSource.getRepository(ServiceAccount);
    await services.update({ id: as }, { organizationId: other.id });
    expect(await answer()).toStrictEqual([strangers, message]);
    expect((await ask(as, method, path, options, other.id)).status).toBe(200);
    await services.update({ id: as }, { organizationId: null });
    await works();
  });

  it('a deleted one is nobody, also where it names no organization', async () => {
    const as = await service(...BOUND_SCOPES);
    await admin.delete(as);
    const answer = await app.request('GET', '/settings/organization', { as });
    expect(answer.body).toStrictEqual({ success: false, message: 'User not associated with any organization' });
  });

  it('holds on every instance', async () => {
    const second = await TestApp.start({}, app.database);
    try {
      // One for each route, which so is the first that asks at each instance after a change.
      const accounts = await Promise.all(ROUTES.map(() => service(...BOUND_SCOPES)));
      const services = app.dataSource.getRepository(ServiceAccount);
      const change = (fields: (scope: ServiceScope) => Partial<ServiceAccount>) =>
        Promise.all(accounts.map((id, n) => services.update({ id }, fields(ROUTES[n]![2]))));
      const statusesOf = async (as: string, [method, path, , , options]: (typeof ROUTES)[number]) => [
        (await ask(as, method, path, options)).status,
        (await ask(as, method, path, options, organization.id, second)).status,
      ];
      const expectOfAll = async (status: (scope: (typeof ROUTES)[number][2]) => number) => {
        for (const [n, route] of ROUTES.entries()) {
          expect(await statusesOf(accounts[n]!, route)).toStrictEqual(Array(2).fill(status(route[2])));
        }
      };
      await expectOfAll(() => 200);
      await change((scope) => ({ scopes: BOUND_SCOPES.filter((one) => one !== scope) }));
      await expectOfAll(() => 403);
      await change(() => ({ scopes: [...BOUND_SCOPES] }));
      await expectOfAll(() => 200);
      await change(() => ({ deletedAt: new Date() }));
      await expectOfAll((scope) => STRANGER[scope][0]);
      await change(() => ({ deletedAt: null }));
      await expectOfAll(() => 200);

      // And by the commands.
      const [as] = accounts as [string];
      const [route] = SETTINGS_ROUTES;
      await admin.setScopes(as, ['settings:write']);
      expect(await statusesOf(as, route)).toStrictEqual([403, 403]);
      await admin.setScopes(as, [...BOUND_SCOPES]);
      expect(await statusesOf(as, route)).toStrictEqual([200, 200]);
      await admin.delete(as);
      expect(await statusesOf(as, route)).toStrictEqual([404, 404]);
      await admin.restore(as);
      expect(await statusesOf(as, route)).toStrictEqual([200, 200]);
    } finally {
      await second.close();
    }
  });

  it('keeps what services and members write at the same time', async () => {
    const as = await service('settings:write');
    const writers = Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0
        ? write(as, { [`service${n}`]: n })
        : app.request('PUT', '/settings/organization', { as: organization.owner, body: { [`member${n}`]: n } }),
    );
    for (const { status } of await Promise.all(writers)) expect(status).toBe(200);
    const { settings } = (await settingsOf(organization)) as { settings: object };
    expect(Object.keys(settings)).toHaveLength(21);
  });
});

describe("an identity provider's client", () => {
  it('acts as the service account whose id is its subject', async () => {
    const provider = await TestIdentityProvider.start([await aSigningKey('ES256')]);
    const own = await TestApp.start(provider.variables);
    try {
      const { id } = await anOrganization(own.dataSource);
      const authorization = `Bearer ${await provider.clientToken('ES256')}`;
      const send = (method: string, path: string, body?: unknown) =>
        own.request(method, path, { body, headers: { authorization, 'x-organization-id': id } });
      expect((await send('GET', '/settings/organization')).status).toBe(404);
      const web = ['--id', 'web', '--organization', id, '--scopes', 'settings:read,settings:write'];
      await own.admin('create-service', '--name', 'Web', ...web);
      expect((await send('PUT', '/settings/organization', { by: 'web' })).status).toBe(200);
      expect((await send('GET', '/settings/organization')).body).toStrictEqual({
        success: true,
        settings: { by: 'web' },
      });
      expect((await send('GET', '/settings/organization/versions')).body).toMatchObject({
        versions: [{ actor: { id: 'web', email: null } }],
      });
      expect((await send('GET', `/organization/${id}`)).body).toMatchObject({
        message: READ_REFUSED('organization:read'),
      });
      expect((await send('GET', '/settings/user')).body).toMatchObject({ message: 'User not found' });
      await own.admin('delete-service', '--service', 'web');
      expect((await send('GET', '/settings/organization')).status).toBe(404);
    } finally {
      await own.close();
      await provider.down();
    }
  });
});
