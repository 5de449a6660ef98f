import type { ServiceScope } from '../auth/service-scope.js';

/** A service account that acts on one organization, or on the system (`SYSTEM_ID`). */
export interface ServiceCaller {
  readonly kind: 'service';
  readonly serviceId: string;
  readonly organizationId: string;
  /** Those that the request needs, the one of the route first. */
  readonly scopes: readonly [ServiceScope, ...ServiceScope[]];
}

export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  /** Where their membership was last seen. A hint: the database has the last word. */
  readonly organizationId?: string;
}

/** Who sends a request. */
export type Caller = UserCaller | ServiceCaller;
