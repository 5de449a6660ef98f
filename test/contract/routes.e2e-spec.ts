import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { SERVICE_SCOPES, type ServiceScope } from '../../src/auth/service-scope.js';
import { anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';

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
  'GET /organization/:orgId': 'member',
  'PUT /organization/:orgId': 'administrator',
  'GET /organization/:orgId/versions': 'member',
  'GET /organization/:orgId/versions/:version': 'member',
  'GET /organization/:orgId/versions/:version/diff': 'member',
  'POST /organization/:orgId/versions/:version/restore': 'administrator',
} as const;

type Route = keyof typeof ROUTES;

/**
 * The scope with which a service account may call a route; to all others it is nobody, as on what belongs to a user.
 */
const SCOPES: Partial<Record<Route, ServiceScope>> = {
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
};

const BODIES: Record<string, unknown> = {
  'POST /settings/user': { settings: {} },
  'PUT /settings/user': {},
  'DELETE /settings/user': { keys: ['a'] },
  'POST /settings/organization': { settings: {} },
  'PUT /settings/organization': {},
  'DELETE /settings/organization': { keys: ['a'] },
  'PATCH /settings/user': { a: null },
  'PATCH /settings/organization': { a: null },
  'PUT /organization/:orgId': { city: 'X' },
  'POST /systemevent': { skip: 0, take: 1 },
};

const MEMBERS = ['user', 'billing', 'workspaces', 'administrator', 'owner'] as const;

let app: TestApp;
let organization: TestOrganization;
let other: TestOrganization;
let loner: string;

/** A service account with each scope. */
const services = new Map<ServiceScope, string>();

/** An event that each user may see. */
const eventIds = new Map<string | undefined, number>();

beforeAll(async () => {
  app = await TestApp.start({}, undefined, { preload: ['routes.js'] });
  organization = await anOrganization(app.dataSource);
  other = await anOrganization(app.dataSource);
  loner = await aUser(app.dataSource);
  for (const scope of SERVICE_SCOPES) services.set(scope, await aService(app.dataSource, [scope]));
  await app.request('PUT', '/settings/organization', { as: organization.owner, body: { first: true } });
  await app.request('PUT', `/organization/${organization.id}`, { as: organization.owner, body: { city: 'First' } });
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
    const isPage = (route: string) => /^(GET|HEAD) \/(docs|openapi\.(json|yaml))/.test(route);
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
  const isProfile = path.startsWith('/organization');
  const headers: Record<string, string> = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
  const call = (as?: string) =>
    app.request(method, path.replace(':orgId', organization.id).replace(':version', '1'), {
      as,
      body: path === '/systemevent/read' ? { id: eventIds.get(as) ?? 1 } : BODIES[route as Route],
      headers: { ...headers, 'x-organization-id': organization.id },
    });

  it(`is for ${access}`, async () => {
    expect((await call()).status).toBe(access === 'everyone' ? 200 : 401);
    for (const role of MEMBERS) {
      const mayCall = access !== 'administrator' || role === 'administrator' || role === 'owner';
      // Twice: before and after the membership is remembered.
      expect((await call(organization[role])).status, role).toBe(mayCall ? 200 : 403);
      expect((await call(organization[role])).status, role).toBe(mayCall ? 200 : 403);
    }
  });

  it('is for service accounts with the one scope, if any', async () => {
    const scope = SCOPES[route as Route];
    const otherwise = access === 'everyone' ? 200 : scope === undefined ? 404 : 403;
    for (const [held, as] of services) {
      expect((await call(as)).status, held).toBe(held === scope ? 200 : otherwise);
      expect((await call(as)).status, held).toBe(held === scope ? 200 : otherwise);
    }
  });

  it('gives outsiders what the contract says', async () => {
    const isForEach = access === 'everyone' || access === 'user';
    expect((await call(loner)).status).toBe(isForEach ? 200 : isProfile ? 403 : 404);
    expect((await call('nobody-knows-me')).status).toBe(access === 'everyone' ? 200 : isProfile ? 403 : 404);
    if (isProfile) {
      expect((await call(other.owner)).status).toBe(403);
      expect((await call(other.user)).status).toBe(403);
    }
  });
});
