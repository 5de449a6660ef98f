import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Role } from '../../src/auth/role.js';
import { TestApp } from '../support/app.js';
import { SERVICE_SCOPES, type ServiceScope } from '../../src/auth/service-scope.js';
import { aMember, anOrganization, aService, aUser, type TestOrganization } from '../support/factories.js';
import {
  BEFORE,
  BODIES,
  isForbiddenToStrangers,
  MAY_CALL,
  MEMBERS,
  type Route,
  ROUTES,
  SCOPES,
  STREAM,
} from './routes.js';

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
