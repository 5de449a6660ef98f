import { SERVICE_SCOPES, type ServiceScope } from '../../src/auth/service-scope.js';
import type { RequestOptions, TestApp } from '../support/app.js';
import { aService, type TestOrganization } from '../support/factories.js';

const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };

export const SETTINGS_ROUTES = [
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

export const ROUTES = [...SETTINGS_ROUTES, ...PROFILE_ROUTES];

export const READ_REFUSED = (scope: ServiceScope) => `Insufficient permissions: the scope ${scope} is required`;
const WRITE_REFUSED = (resource: string) =>
  `Insufficient permissions: only OWNER and ADMINISTRATOR roles can modify ${resource}`;

/** What who has not the scope hears. */
export const WITHOUT: Record<(typeof ROUTES)[number][2], string> = {
  'settings:read': READ_REFUSED('settings:read'),
  'settings:write': WRITE_REFUSED('organization settings'),
  'organization:read': READ_REFUSED('organization:read'),
  'organization:write': WRITE_REFUSED('organization'),
};

/** What who has nothing to do with the organization hears. */
export const STRANGER: Record<(typeof ROUTES)[number][2], [number, string]> = {
  'settings:read': [404, 'User not associated with any organization'],
  'settings:write': [404, 'User not associated with any organization'],
  'organization:read': [403, 'Access denied: you can only view your own organization'],
  'organization:write': [403, WRITE_REFUSED('organization')],
};

/** What an account of one organization may be allowed. */
export const BOUND_SCOPES = SERVICE_SCOPES.filter((scope) => !scope.startsWith('system:'));

/** What tests ask as a service account, or do to one. The application and the organization may come later. */
export function serviceRequests(now: () => { app: TestApp; organization: TestOrganization }) {
  const admin = {
    setScopes: (id: string, scopes: readonly ServiceScope[]) =>
      now().app.admin('set-scopes', '--service', id, '--scopes', scopes.join(',')),
    delete: (id: string) => now().app.admin('delete-service', '--service', id),
    restore: (id: string) => now().app.admin('restore-service', '--service', id),
  };

  const service = (...scopes: ServiceScope[]) => {
    const { app, organization } = now();
    return aService(app.dataSource, scopes, { organizationId: organization.id, name: 'Billing' });
  };

  /** A request on an organization: named by the path where it has a place for it, and by the header otherwise. */
  function ask(
    as: string,
    method: string,
    path: string,
    { headers, ...options }: RequestOptions = {},
    about: string | undefined = now().organization.id,
    instance = now().app,
  ) {
    const isNamed = !path.includes(':orgId') && about !== undefined;
    return instance.request(method, path.replace(':orgId', String(about)), {
      as,
      ...options,
      headers: { ...headers, ...(isNamed && { 'x-organization-id': about }) },
    });
  }

  const read = (as: string, about?: string) => ask(as, 'GET', '/settings/organization', {}, about);
  const write = (as: string, body: unknown, about?: string) =>
    ask(as, 'PUT', '/settings/organization', { body }, about);
  const settingsOf = async ({ owner }: TestOrganization) =>
    (await now().app.request('GET', '/settings/organization', { as: owner })).body;

  return { admin, service, ask, read, write, settingsOf };
}
