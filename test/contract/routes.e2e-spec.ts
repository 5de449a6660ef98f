import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { SERVICE_SCOPES, type ServiceScope } from '../../src/auth/service-scope.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';

const MEMBERS = ['user', 'billing', 'workspaces', 'administrator', 'owner'] as const;

/** Every route with who may call it: a route that is missing here is a route that nobody thought about. */
const ROUTES = {
  'GET /': 'everyone',
  'GET /health': 'everyone',
  'GET /health/live': 'everyone',
  'GET /metrics': 'everyone',
  'GET /settings/user': 'user',
  'POST /settings/user': 'user',
  'PUT /settings/user': 'user',
  'DELETE /settings/user': 'user',
  'PATCH /settings/user': 'user',
  'GET /settings/user/versions': 'user',
  'GET /settings/user/versions/:version': 'user',
  'GET /settings/user/versions/:version/diff': 'user',
  'POST /settings/user/versions/:version/restore': 'user',
  'POST /systemevent': 'user',
  'POST /systemevent/read': 'user',
  'DELETE /systemevent/read': 'user',
  'GET /settings/organization': 'member',
  'POST /settings/organization': 'administrator',
  'PUT /settings/organization': 'administrator',
  'DELETE /settings/organization': 'administrator',
  'PATCH /settings/organization': 'administrator',
  'GET /settings/organization/versions': 'member',
  'GET /settings/organization/versions/:version': 'member',
  'GET /settings/organization/versions/:version/diff': 'member',
  'POST /settings/organization/versions/:version/restore': 'administrator',
  'GET /settings/organization/policy': 'member',
  'POST /settings/organization/policy': 'administrator',
  'DELETE /settings/organization/policy': 'administrator',
  'PATCH /settings/organization/policy': 'administrator',
  'GET /settings/organization/policy/versions': 'member',
  'GET /settings/organization/policy/versions/:version': 'member',
  'GET /settings/organization/policy/versions/:version/diff': 'member',
  'POST /settings/organization/policy/versions/:version/restore': 'administrator',
  'GET /settings/system': 'service',
  'POST /settings/system': 'service',
  'PUT /settings/system': 'service',
  'DELETE /settings/system': 'service',
  'PATCH /settings/system': 'service',
  'GET /settings/system/versions': 'service',
  'GET /settings/system/versions/:version': 'service',
  'GET /settings/system/versions/:version/diff': 'service',
  'POST /settings/system/versions/:version/restore': 'service',
  'GET /settings/system/policy': 'service',
  'POST /settings/system/policy': 'service',
  'DELETE /settings/system/policy': 'service',
  'PATCH /settings/system/policy': 'service',
  'GET /settings/system/policy/versions': 'service',
  'GET /settings/system/policy/versions/:version': 'service',
  'GET /settings/system/policy/versions/:version/diff': 'service',
  'POST /settings/system/policy/versions/:version/restore': 'service',
  'GET /settings/effective': 'member',
  'GET /settings/stream': 'user',
  'GET /organizations': 'service',
  'POST /settings/batch': 'service',
  'GET /organization/:orgId': 'member',
  'PUT /organization/:orgId': 'administrator',
  'GET /organization/:orgId/versions': 'member',
  'GET /organization/:orgId/versions/:version': 'member',
  'GET /organization/:orgId/versions/:version/diff': 'member',
  'POST /organization/:orgId/versions/:version/restore': 'administrator',
  'POST /mfa/organization/enforce': 'administrator',
  'GET /organization/users': 'manager',
  'POST /organization/users': 'manager',
  'GET /organization/users/:userId': 'manager',
  'PUT /organization/users/:userId': 'manager',
  'DELETE /organization/users/:userId': 'manager',
  'POST /organization/users/:userId/activate': 'manager',
  'POST /organization/users/:userId/resend-invitation': 'manager',
  'GET /user/profile': 'user',
  'GET /user/:userId': 'member',
  'PUT /user/:userId': 'manager',
  'PUT /user/:userId/role': 'manager',
} as const;

const MAY_CALL = {
  everyone: MEMBERS,
  user: MEMBERS,
  member: MEMBERS,
  manager: ['workspaces', 'administrator', 'owner'],
  administrator: ['administrator', 'owner'],
  service: [],
} as const satisfies Record<(typeof ROUTES)[Route], readonly (typeof MEMBERS)[number][]>;

type Route = keyof typeof ROUTES;

/** Those that say 403 to who has no organization. */
const isForbiddenToStrangers = (path: string) => /^\/(organization|user\/:)/.test(path);

/**
 * The scope with which a service account may call a route; to all others it is nobody, as on what belongs to a user.
 */
const SCOPES: Partial<Record<Route, ServiceScope>> = {
  'GET /settings/organization/policy': 'settings:read',
  'POST /settings/organization/policy': 'settings:write',
  'DELETE /settings/organization/policy': 'settings:write',
  'PATCH /settings/organization/policy': 'settings:write',
  'GET /settings/organization/policy/versions': 'settings:read',
  'GET /settings/organization/policy/versions/:version': 'settings:read',
  'GET /settings/organization/policy/versions/:version/diff': 'settings:read',
  'POST /settings/organization/policy/versions/:version/restore': 'settings:write',
  'GET /settings/system': 'system:read',
  'POST /settings/system': 'system:write',
  'PUT /settings/system': 'system:write',
  'DELETE /settings/system': 'system:write',
  'PATCH /settings/system': 'system:write',
  'GET /settings/system/versions': 'system:read',
  'GET /settings/system/versions/:version': 'system:read',
  'GET /settings/system/versions/:version/diff': 'system:read',
  'POST /settings/system/versions/:version/restore': 'system:write',
  'GET /settings/system/policy': 'system:read',
  'POST /settings/system/policy': 'system:write',
  'DELETE /settings/system/policy': 'system:write',
  'PATCH /settings/system/policy': 'system:write',
  'GET /settings/system/policy/versions': 'system:read',
  'GET /settings/system/policy/versions/:version': 'system:read',
  'GET /settings/system/policy/versions/:version/diff': 'system:read',
  'POST /settings/system/policy/versions/:version/restore': 'system:write',
  'GET /settings/effective': 'settings:read',
  'GET /settings/organization': 'settings:read',
  'POST /settings/organization': 'settings:write',
  'PUT /settings/organization': 'settings:write',
  'DELETE /settings/organization': 'settings:write',
  'PATCH /settings/organization': 'settings:write',
  'GET /settings/organization/versions': 'settings:read',
  'GET /settings/organization/versions/:version': 'settings:read',
  'GET /settings/organization/versions/:version/diff': 'settings:read',
  'POST /settings/organization/versions/:version/restore': 'settings:write',
  'GET /organization/:orgId': 'organization:read',
  'PUT /organization/:orgId': 'organization:write',
  'GET /organization/:orgId/versions': 'organization:read',
  'GET /organization/:orgId/versions/:version': 'organization:read',
  'GET /organization/:orgId/versions/:version/diff': 'organization:read',
  'POST /organization/:orgId/versions/:version/restore': 'organization:write',
  'POST /mfa/organization/enforce': 'organization:write',
  'GET /organization/users': 'members:read',
  'POST /organization/users': 'members:write',
  'GET /organization/users/:userId': 'members:read',
  'PUT /organization/users/:userId': 'members:write',
  'DELETE /organization/users/:userId': 'members:write',
  'POST /organization/users/:userId/activate': 'members:write',
  'POST /organization/users/:userId/resend-invitation': 'members:write',
  'GET /user/:userId': 'members:read',
  'PUT /user/:userId': 'members:write',
  'PUT /user/:userId/role': 'members:write',
  'GET /organizations': 'organization:read',
  'POST /settings/batch': 'settings:read',
};

/** Who may open a stream, and takes no reply of its type, hears of that instead. */
const STREAM = 'GET /settings/stream';

const BODIES: Record<string, unknown> = {
  'POST /settings/user': { settings: {} },
  'PUT /settings/user': {},
  'DELETE /settings/user': { keys: ['a'] },
  'POST /settings/organization': { settings: {} },
  'PUT /settings/organization': {},
  'DELETE /settings/organization': { keys: ['a'] },
  'PATCH /settings/user': { a: null },
  'PATCH /settings/organization': { a: null },
  'POST /settings/organization/policy': { policy: {} },
  'PATCH /settings/organization/policy': { locks: null },
  'POST /settings/system': { settings: {} },
  'PUT /settings/system': {},
  'DELETE /settings/system': { keys: ['a'] },
  'PATCH /settings/system': { a: null },
  'POST /settings/system/policy': { policy: {} },
  'PATCH /settings/system/policy': { locks: null },
  'PUT /organization/:orgId': { city: 'X' },
  'POST /systemevent': { skip: 0, take: 1 },
  'POST /mfa/organization/enforce': { enforced: false },
  'PUT /organization/users/:userId': { name: 'Ada' },
  'PUT /user/:userId': { name: 'Ada' },
  'PUT /user/:userId/role': { orgRole: 0 },
  'POST /settings/batch': { organizations: [{ id: '123e4567-e89b-12d3-a456-426614174000' }] },
};

/** How the one whom a route is about has to be before a request. */
const BEFORE: Partial<Record<Route, string>> = {
  'POST /organization/users/:userId/activate': 'deleted_at = now()',
  'POST /organization/users/:userId/resend-invitation': 'deleted_at = null, validated = false, invited_at = null',
};

let app: TestApp;
let organization: TestOrganization;
let other: TestOrganization;
let loner: string;

/** The one whom a route is about. */
let target: string;

/** A service account with each scope. */
const services = new Map<ServiceScope, string>();

/** An event that each user may see. */
const eventIds = new Map<string | undefined, number>();

beforeAll(async () => {
  app = await TestApp.start({}, undefined, { preload: ['routes.js'] });
  organization = await anOrganization(app.dataSource);
  other = await anOrganization(app.dataSource);
  loner = await aUser(app.dataSource);
  target = await aMember(app.dataSource, organization.id, Role.USER);
  for (const scope of SERVICE_SCOPES) services.set(scope, await aService(app.dataSource, [scope]));
  await app.request('PUT', '/settings/organization', { as: organization.owner, body: { first: true } });
  await app.request('PUT', `/organization/${organization.id}`, { as: organization.owner, body: { city: 'First' } });
  await app.request('PUT', '/settings/system', { as: services.get('system:write')!, body: { first: true } });
  for (const [path, as] of [
    ['/settings/organization/policy', organization.owner],
    ['/settings/system/policy', services.get('system:write')!],
  ] as const) {
    for (const policy of [{ enforcement: 'off' }, {}]) await app.request('POST', path, { as, body: { policy } });
  }
  for (const as of [...MEMBERS.map((role) => organization[role]), loner]) {
    await app.request('PUT', '/settings/user', { as, body: { first: true } });
    const { body } = await app.request('POST', '/systemevent', { as, body: { contextId: as, skip: 0, take: 1 } });
    eventIds.set(as, (body as { events: { id: number }[] }).events[0]!.id);
  }
});
afterAll(() => app.close());

describe('the list of routes', () => {
  it('is complete', async () => {
    const routes = await app.process.ask<string[]>('routes');
    const isPage = (route: string) => /^(GET|HEAD) \/(docs|console|openapi\.(json|yaml))/.test(route);
    const isHead = (route: string) => route.startsWith('HEAD ');
    expect(routes.filter((route) => !isPage(route) && !isHead(route)).sort()).toStrictEqual(Object.keys(ROUTES).sort());
  });

  it('is the one that openapi.json documents', () => {
    const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, object> };
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((verb) => `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(documented.sort()).toStrictEqual(Object.keys(ROUTES).sort());
  });
});

describe.each(Object.entries(ROUTES))('%s', (route, access) => {
  const [method = '', path = ''] = route.split(' ');
  const isProfile = path.startsWith('/organization/:orgId');
  const success = route === STREAM ? 406 : route === 'POST /organization/users' ? 201 : 200;
  const headers: Record<string, string> = {
    ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }),
    ...(route === STREAM && { accept: 'application/json' }),
  };
  const bodyOf = (as?: string) => {
    if (path === '/systemevent/read') return { id: eventIds.get(as) ?? 1 };
    if (route !== 'POST /organization/users') return BODIES[route];
    return { email: `${randomUUID()}@example.com`, firstName: 'Ada', lastName: 'Lovelace' };
  };
  const call = async (as?: string) => {
    const before = BEFORE[route as Route] ?? 'deleted_at = null';
    await app.dataSource.query(`update users set ${before} where id = $1`, [target]);
    const ids: Record<string, string> = { orgId: organization.id, userId: target, version: '1' };
    return app.request(
      method,
      path.replace(/:(\w+)/g, (_, name: string) => ids[name]!),
      {
        as,
        body: bodyOf(as),
        headers: { ...headers, 'x-organization-id': organization.id },
      },
    );
  };

  it(`is for ${access}`, async () => {
    expect((await call()).status).toBe(access === 'everyone' ? 200 : 401);
    for (const role of MEMBERS) {
      const mayCall = (MAY_CALL[access] as readonly string[]).includes(role);
      // Twice: before and after the membership is remembered.
      expect((await call(organization[role])).status, role).toBe(mayCall ? success : 403);
      expect((await call(organization[role])).status, role).toBe(mayCall ? success : 403);
    }
  });

  it('is for service accounts with the one scope, if any', async () => {
    const scope = SCOPES[route as Route];
    if (route === STREAM) {
      const statuses = await Promise.all([...services.values()].map(async (as) => (await call(as)).status));
      expect(statuses).toStrictEqual(
        SERVICE_SCOPES.map((held) => (['settings:read', 'organization:read'].includes(held) ? success : 403)),
      );
      return;
    }
    const otherwise = access === 'everyone' ? 200 : scope === undefined ? 404 : 403;
    for (const [held, as] of services) {
      expect((await call(as)).status, held).toBe(held === scope ? success : otherwise);
      expect((await call(as)).status, held).toBe(held === scope ? success : otherwise);
    }
  });

  it('gives outsiders what the contract says', async () => {
    const isForEach = access === 'everyone' || access === 'user';
    const isForbidden = isForbiddenToStrangers(path) || access === 'service';
    const refused = route.includes('/mfa/') ? 400 : isForbidden ? 403 : 404;
    expect((await call(loner)).status).toBe(isForEach ? success : refused);
    expect((await call('nobody-knows-me')).status).toBe(access === 'everyone' ? 200 : refused);
    if (isProfile) {
      expect((await call(other.owner)).status).toBe(403);
      expect((await call(other.user)).status).toBe(403);
    }
  });
});
