import type { ServiceScope } from '../auth/service-scope.js';
import type { Waiting } from '../database/parties.js';

/** A service account that acts on one organization, or on the system (`SYSTEM_ID`). */
export interface ServiceCaller extends Waiting {
  readonly kind: 'service';
  readonly serviceId: string;
  readonly organizationId: string;
  /** Those that the request needs, the one of the route first. */
  readonly scopes: readonly [ServiceScope, ...ServiceScope[]];
}

export interface UserCaller extends Waiting {
  readonly kind: 'user';
  readonly userId: string;
  /** Where their membership was last seen. A hint: the database has the last word. */
  readonly organizationId?: string;
}

/** Who sends a request, and since when it waits. */
export type Caller = UserCaller | ServiceCaller;
