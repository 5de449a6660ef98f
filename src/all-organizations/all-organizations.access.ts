import type { RouteAccess } from '../auth/access.decorator.js';

/** Who may see which organizations there are. */
export const LISTERS: RouteAccess = { roles: 'service', scope: 'organization:read' };

/** Who may read the settings of many organizations at once. */
export const BATCH_READERS: RouteAccess = { roles: 'service', scope: 'settings:read' };
