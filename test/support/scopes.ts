import type { TestOrganization } from './factories.js';

/** The two kinds of settings, which differ in who may write them and in the words of their messages. */
export const SCOPES = [
  {
    scope: 'organization',
    path: '/settings/organization',
    table: 'organization_settings',
    key: 'organization_id',
    noun: 'organization settings',
    title: 'Organization settings',
    writer: (organization: TestOrganization) => organization.owner,
    ownerId: (organization: TestOrganization) => organization.id,
  },
  {
    scope: 'user',
    path: '/settings/user',
    table: 'user_settings',
    key: 'user_id',
    noun: 'user settings',
    title: 'User settings',
    writer: (organization: TestOrganization) => organization.user,
    ownerId: (organization: TestOrganization) => organization.user,
  },
] as const;
