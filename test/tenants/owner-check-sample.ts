import { OwnerCheck } from './owner-check.js';

/** Checks statements on a few tables that stand for those of the service. */
export const check = new OwnerCheck({
  tables: {
    organizations: { owners: ['id'], columns: ['id', 'name', 'domain', 'version'] },
    members: { owners: ['organization_id'], columns: ['organization_id', 'user_id', 'role'] },
    documents: { owners: ['organization_id'], columns: ['organization_id', 'settings', 'version'] },
    users: { owners: ['id'], columns: ['id', 'email', 'organization_id'] },
    changes: { owners: ['user_id', 'organization_id'], columns: ['user_id', 'organization_id', 'id'] },
    marks: { owners: ['user_id'], columns: ['user_id', 'event_id'] },
    countries: { owners: [], columns: ['id', 'name'] },
  },
  functions: ['document_at'],
});
