import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { Organization } from '../../src/organization/organization.entity.js';
import { ServiceAccount } from '../../src/service-account/service-account.entity.js';
import { SERVICE_SCOPES, type ServiceScope } from '../../src/auth/service-scope.js';
import { type RequestOptions, TestApp } from '../support/app.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import { aSigningKey, TestIdentityProvider } from '../support/identity-provider.js';

const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };

const SETTINGS_ROUTES = [
  ['GET', '/settings/organization', 'settings:read', 'Failed to get organization settings', {}],
  ['GET', '/settings/organization/versions', 'settings:read', 'Failed to get organization settings versions', {}],
  ['GET', '/settings/organization/versions/1', 'settings:read', 'Failed to get organization settings versions', {}],
  [
    'GET',
    '/settings/organization/versions/1/diff',
    'settings:read',
    'Failed to get organization settings versions',
    {},
  ],
  [
    'POST',
    '/settings/organization',
    'settings:write',
    'Failed to update organization settings',
    { body: { settings: { a: 1 } } },
  ],
  [
    'PUT',
    '/settings/organization',
    'settings:write',
    'Failed to partially update organization settings',
    { body: { a: 2 } },
  ],
  [
    'PATCH',
    '/settings/organization',
    'settings:write',
    'Failed to patch organization settings',
    { body: { a: 3 }, headers: MERGE_PATCH },
  ],
  [
    'DELETE',
    '/settings/organization',
    'settings:write',
    'Failed to delete organization settings keys',
    { body: { keys: ['a'] } },
  ],
  [
    'POST',
    '/settings/organization/versions/1/restore',
    'settings:write',
    'Failed to restore organization settings',
    {},
  ],
] as const satisfies [string, string, ServiceScope, string, RequestOptions][];

const PROFILE_ROUTES = [
  ['GET', '/organization/:orgId', 'organization:read', '', {}],
  ['PUT', '/organization/:orgId', 'organization:write', '', { body: { city: 'Oslo' } }],
] as const satisfies [string, string, ServiceScope, string, RequestOptions][];

const ROUTES = [...SETTINGS_ROUTES, ...PROFILE_ROUTES];

const READ_REFUSED = (scope: ServiceScope) => `Insufficient permissions: the scope ${scope} is required`;
const WRITE_REFUSED = (resource: string) =>
  `Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify ${resource}`;

/** What who has not the scope hears. */
const WITHOUT: Record<(typeof ROUTES)[number][2], string> = {
  'settings:read': READ_REFUSED('settings:read'),
  'settings:write': WRITE_REFUSED('organization settings'),
  'organization:read': READ_REFUSED('organization:read'),
  'organization:write': WRITE_REFUSED('organization'),
};

/** What who has nothing to do with the organization hears. */
const STRANGER: Record<(typeof ROUTES)[number][2], [number, string]> = {
  'settings:read': [404, 'User not associated with any organization'],
  'settings:write': [404, 'User not associated with any organization'],
  'organization:read': [403, 'Access denied: you can only view your own organization'],
  'organization:write': [403, WRITE_REFUSED('organization')],
};

/** What an account of one organization may be allowed. */
const BOUND_SCOPES = SERVICE_SCOPES.filter((scope) => !scope.startsWith('system:'));

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

const admin = {
  setScopes: (id: string, scopes: readonly ServiceScope[]) =>
    app.admin('set-scopes', '--service', id, '--scopes', scopes.join(',')),
  delete: (id: string) => app.admin('delete-service', '--service', id),
  restore: (id: string) => app.admin('restore-service', '--service', id),
};

const service = (...scopes: ServiceScope[]) =>
  aService(app.dataSource, scopes, { organizationId: organization.id, name: 'Billing' });

/** A request on an organization: named by the path where it has a place for it, and by the header otherwise. */
function ask(
  as: string,
  method: string,
  path: string,
  { headers, ...options }: RequestOptions = {},
  about: string | undefined = organization.id,
  instance = app,
) {
  const isNamed = !path.includes(':orgId') && about !== undefined;
  return instance.request(method, path.replace(':orgId', String(about)), {
    as,
    ...options,
    headers: { ...headers, ...(isNamed && { 'x-organization-id': about }) },
  });
}

const read = (as: string, about?: string) => ask(as, 'GET', '/settings/organization', {}, about);
const write = (as: string, body: unknown, about?: string) => ask(as, 'PUT', '/settings/organization', { body }, about);
const settingsOf = async ({ owner }: TestOrganization) =>
  (await app.request('GET', '/settings/organization', { as: owner })).body;

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

describe('bad input', () => {
  it.each(SETTINGS_ROUTES)('%s %s needs the organization (with %s)', async (method, path, scope, message, options) => {
    const as = await service(scope);
    const unnamed: Record<string, string>[] = [{}, { 'x-organization-id': '' }, { 'x-organization-id': ' ' }];
    for (const headers of unnamed) {
      // Before and after the service account is remembered.
      for (let n = 0; n < 2; n++) {
        const answer = await app.request(method, path, {
          as,
          ...options,
          headers: { ...('headers' in options && options.headers), ...headers },
        });
        expect(answer.status).toBe(400);
        expect(answer.body).toStrictEqual({ success: false, message, error: 'X-Organization-Id is required' });
        expect((await ask(as, method, path, options)).status).toBe(200);
      }
    }
  });

  it.each(['acme', '*', '1', "' or true --", `${randomUUID()}x`, 'x'.repeat(5000), '{}', '\u00e9'])(
    'an organization cannot be %j',
    async (about) => {
      const as = await aService(app.dataSource, [...SERVICE_SCOPES]);
      for (let n = 0; n < 2; n++) {
        expect((await read(as, about)).body).toStrictEqual({
          success: false,
          message: 'User not associated with any organization',
        });
        expect((await write(as, { a: 1 }, about)).status).toBe(404);
        const profile = await app.request('GET', `/organization/${encodeURIComponent(about)}`, { as });
        expect(profile.status).toBe(404);
        expect(profile.body).toStrictEqual({ success: false, data: null, message: 'Organization not found' });
        expect((await read(as)).status).toBe(200);
      }
    },
  );

  it('two organizations are none', async () => {
    const as = await aService(app.dataSource, ['settings:read']);
    expect((await read(as, `${organization.id}, ${other.id}`)).status).toBe(404);
  });

  it('is told as to members, and changes nothing', async () => {
    const as = await service('settings:write', 'organization:write');
    expect((await write(as, [1])).body).toMatchObject({ error: 'the body must be an object' });
    expect((await write(as, '{')).body).toMatchObject({ error: 'Malformed JSON in request body' });
    const { body } = await ask(as, 'PUT', '/organization/:orgId', { body: { domain: 'example.com' } });
    expect(body).toStrictEqual({ success: false, data: null, message: 'No valid fields to update' });
    expect(await settingsOf(organization)).toStrictEqual({ success: true, settings: { first: true } });
  });
});

it('401: no token, no matter which organization is named', async () => {
  for (const [method, path, , , options] of ROUTES) {
    const headers = { 'x-organization-id': organization.id, ...('headers' in options && options.headers) };
    const answer = await app.request(method, path.replace(':orgId', organization.id), { ...options, headers });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ success: false, message: 'Unauthorized' });
  }
});

describe('403', () => {
  it.each(ROUTES)('%s %s is for the scope %s alone', async (method, path, scope, _, options) => {
    const others = BOUND_SCOPES.filter((one) => one !== scope);
    const before = await settingsOf(organization);
    for (const as of [await service(...others), await aService(app.dataSource, others)]) {
      for (let n = 0; n < 2; n++) {
        const answer = await ask(as, method, path, options);
        expect(answer.status).toBe(403);
        expect(answer.body).toStrictEqual(
          path.startsWith('/organization')
            ? { success: false, data: null, message: WITHOUT[scope] }
            : { success: false, message: WITHOUT[scope] },
        );
      }
      // Before anything about the body, or the version.
      const wrong = {
        ...options,
        body: '{',
        headers: { ...('headers' in options && options.headers), 'if-match': '"9"' },
      };
      expect((await ask(as, method, path, method === 'GET' ? options : wrong)).status).toBe(403);
    }
    expect(await settingsOf(organization)).toStrictEqual(before);
  });

  it('shows nobody the settings in a dry run who may not read them', async () => {
    const writer = await service('settings:write');
    const both = await service('settings:read', 'settings:write');
    for (let n = 0; n < 2; n++) {
      expect((await write(writer, { a: n })).status).toBe(200);
      for (const body of [{ a: 5 }, '{']) {
        const refused = await ask(writer, 'PUT', '/settings/organization?dryRun=true', { body });
        expect(refused.status).toBe(403);
        expect(refused.body).toStrictEqual({ success: false, message: READ_REFUSED('settings:read') });
      }
      const shown = await ask(both, 'PUT', '/settings/organization?dryRun=true', { body: { a: 5 } });
      expect(shown.body).toMatchObject({ success: true, dryRun: true, settings: { first: true, a: 5 } });
    }
    await admin.setScopes(both, ['settings:write']);
    const refused = await ask(both, 'PUT', '/settings/organization?dryRun=true', { body: { a: 5 } });
    expect(refused.body).toStrictEqual({ success: false, message: READ_REFUSED('settings:read') });
  });
});

describe('another organization', () => {
  it.each(ROUTES)('%s %s is not for its service accounts (with %s)', async (method, path, scope, _, options) => {
    const [status, message] = STRANGER[scope];
    const as = await service(...BOUND_SCOPES);
    const before = await settingsOf(other);
    for (let n = 0; n < 2; n++) {
      const answer = await ask(as, method, path, options, other.id);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ success: false, message });
      expect((await ask(as, method, path, options)).status).toBe(200);
    }
    expect(await settingsOf(other)).toStrictEqual(before);
  });

  it.each(ROUTES)('%s %s is none when it is unknown or deleted (with %s)', async (method, path, scope, _, options) => {
    const gone = await anOrganization(app.dataSource);
    const bound = await aService(app.dataSource, [...BOUND_SCOPES], { organizationId: gone.id });
    const all = await aService(app.dataSource, [...SERVICE_SCOPES]);
    await write(all, { first: true }, gone.id);
    for (const as of [bound, all]) expect((await ask(as, method, path, options, gone.id)).status).toBe(200);
    await app.dataSource.getRepository(Organization).update({ id: gone.id }, { deletedAt: new Date() });
    const message = path.startsWith('/organization') ? 'Organization not found' : STRANGER[scope][1];
    for (const [as, about] of [
      [bound, gone.id],
      [all, gone.id],
      [all, randomUUID()],
      [bound, randomUUID()],
    ] as const) {
      for (let n = 0; n < 2; n++) {
        const answer = await ask(as, method, path, options, about);
        expect(answer.status).toBe(404);
        expect(answer.body).toMatchObject({ success: false, message });
      }
    }
    await app.dataSource.getRepository(Organization).update({ id: gone.id }, { deletedAt: null });
    for (const as of [bound, all]) expect((await ask(as, method, path, options, gone.id)).status).toBe(200);
  });

  it.each([
    ['GET', '/settings/user', {}],
    ['PUT', '/settings/user', { body: { a: 1 } }],
    ['POST', '/settings/user', { body: { settings: {} } }],
    ['GET', '/settings/user/versions', {}],
    ['POST', '/systemevent', { body: { skip: 0, take: 1 } }],
    ['POST', '/systemevent/read', { body: { id: 1 } }],
  ])('%s %s is for users alone', async (method, path, options: RequestOptions) => {
    const as = await service(...BOUND_SCOPES);
    for (let n = 0; n < 2; n++) {
      const answer = await ask(as, method, path, options);
      expect(answer.status).toBe(404);
      expect(answer.body).toStrictEqual({ success: false, message: 'User not found' });
      expect((await read(as)).status).toBe(200);
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

describe('a user', () => {
  it.each(ROUTES)('gains and loses nothing by the header: %s %s (%s)', async (method, path, _, __, options) => {
    const loner = await aUser(app.dataSource);
    const about = [organization.id, other.id, randomUUID(), 'acme', ''];
    for (const as of [organization.owner, organization.user, other.owner, loner, 'nobody-knows-me']) {
      const send = (headers: Record<string, string>) =>
        app.request(method, path.replace(':orgId', organization.id), {
          as,
          ...options,
          headers: { ...('headers' in options && options.headers), ...headers },
        });
      const { status, text } = await send({});
      for (const id of about) {
        const answer = await send({ 'x-organization-id': id });
        expect(answer.status).toBe(status);
        if (method === 'GET') expect(answer.text).toBe(text);
      }
    }
  });

  it('stays one where a service account has the same id', async () => {
    const id = await aMember(app.dataSource, organization.id, Role.USER);
    const loner = await aUser(app.dataSource);
    for (const as of [id, loner]) await aService(app.dataSource, [...SERVICE_SCOPES], { id: as });
    for (let n = 0; n < 2; n++) {
      expect((await read(id, other.id)).body).toStrictEqual(await settingsOf(organization));
      expect((await write(id, { a: 1 }, other.id)).status).toBe(403);
      expect((await ask(id, 'GET', '/organization/:orgId', {}, other.id)).status).toBe(403);
      expect((await read(loner)).status).toBe(404);
      expect((await ask(loner, 'GET', '/organization/:orgId')).status).toBe(403);
    }
  });

  it('costs no look for service accounts, refused or not', async () => {
    const looks = () => app.recording.calls.filter((call) => call === 'ServiceAccountRepository.findActive').length;
    const before = looks();
    const deleted = await aUser(app.dataSource, { deletedAt: new Date() });
    for (const as of [organization.owner, organization.user, other.user, await aUser(app.dataSource), deleted]) {
      for (const [method, path, , , options] of ROUTES) await ask(as, method, path, options);
    }
    expect(looks()).toBe(before);
    await read('nobody-knows-me');
    expect(looks()).toBe(before + 1);
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
