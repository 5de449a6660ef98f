import type { TestApp } from './app.js';
import type { TestOrganization } from './factories.js';

interface TestDocument {
  readonly path: string;
  readonly noun: string;
  readonly title: string;
  readonly content: 'settings' | 'policy';
  readonly ownerOf: (organization: TestOrganization) => string;
  /** @param service one of all organizations, with the scopes of the system */
  readonly writerOf: (organization: TestOrganization, service: string) => string;
  /** Two values that can stand in it, alone or together. */
  readonly values: readonly [object, object];
}

/** The documents that share their tables. */
export const DOCUMENTS: readonly TestDocument[] = [
  {
    path: '/settings/organization/policy',
    noun: 'organization policy',
    title: 'Organization policy',
    content: 'policy',
    ownerOf: (organization: TestOrganization) => organization.id,
    writerOf: (organization: TestOrganization) => organization.owner,
    values: [{ locks: { '/theme': { reason: 'Brand' } } }, { enforcement: 'warn' }],
  },
  {
    path: '/settings/system',
    noun: 'system settings',
    title: 'System settings',
    content: 'settings',
    ownerOf: () => '00000000-0000-0000-0000-000000000000',
    writerOf: (_organization: TestOrganization, service: string) => service,
    values: [{ theme: 'dark' }, { quota: 1 }],
  },
  {
    path: '/settings/system/policy',
    noun: 'system policy',
    title: 'System policy',
    content: 'policy',
    ownerOf: () => '00000000-0000-0000-0000-000000000000',
    writerOf: (_organization: TestOrganization, service: string) => service,
    values: [{ locks: { '/theme': { reason: 'Brand' } } }, { enforcement: 'warn' }],
  },
];

/** A version of such a document, as a list of versions has it. */
export interface Version {
  version: number;
  at: string;
  operation: string;
  actor: { id: string | null; email: string | null };
  paths: string[];
  reason: string | null;
  thinned?: boolean;
}

export const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

/** As if nobody had written a document of the system yet. */
export async function emptyDocuments({ dataSource }: TestApp): Promise<void> {
  await dataSource.query(`delete from organization_changes where context in (101, 102)`);
  await dataSource.query(`truncate system_documents, policies_in_force`);
}
