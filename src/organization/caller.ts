import type { Principal } from '../auth/principal.js';
import type { ServiceScope } from '../service-account/service-scope.js';

/** The scopes that a request needs: the one of what it wants, and those of what its reply shows beside that. */
export type NeededScopes = readonly [ServiceScope, ...ServiceScope[]];

/** A service account that acts on one organization, with the scopes that this needs. */
export class ServiceCaller {
  constructor(
    readonly serviceId: string,
    readonly organizationId: string,
    readonly scopes: NeededScopes,
  ) {}
}

/** Who asks: a user, or a service account. */
export type Caller = Principal | ServiceCaller;
