import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AppError } from '../common/errors/app-error.js';
import {
  InsufficientScopeError,
  NotForAllOrganizationsError,
  OrganizationRequiredError,
} from '../service-account/service-account.errors.js';
import { type ActiveService, ServiceAccountRepository } from '../service-account/service-account.repository.js';
import { FRESH_MS, ServiceLimits } from '../service-account/service-limits.js';
import type { RefusalReason } from '../auth/access.decorator.js';
import type { ServiceScope } from '../auth/service-scope.js';
import type { ServiceCaller } from './caller.js';
import { isOrganizationId, SYSTEM_ID } from './organization-id.js';
import { InsufficientRoleError, NotAMemberError, NotAssociatedError } from './organization.errors.js';
import { OrganizationRepository } from './organization.repository.js';

/** How many service accounts an instance remembers; each takes about 300 bytes. */
const REMEMBERED_SERVICES = 10_000;

/**
 * The errors for a service account that may not do what needs a scope, where a user gets another error than that the
 * scope is required.
 */
const REFUSALS: Partial<Record<ServiceScope, { toStranger: () => AppError; withoutScope: () => AppError }>> = {
  'settings:read': {
    toStranger: () => new NotAssociatedError(),
    withoutScope: () => new InsufficientScopeError('settings:read'),
  },
  'settings:write': {
    toStranger: () => new NotAssociatedError(),
    withoutScope: () => new InsufficientRoleError('organization settings'),
  },
  'organization:read': {
    toStranger: () => new NotAMemberError(),
    withoutScope: () => new InsufficientScopeError('organization:read'),
  },
  'organization:write': {
    toStranger: () => new InsufficientRoleError('organization'),
    withoutScope: () => new InsufficientRoleError('organization'),
  },
};

/**
 * Finds out what a service account may do.
 *
 * What it remembers is a hint, as in `MembershipService`: it may let a request pass on to the statement that checks the
 * same again in the database, and is never a reason to refuse. It is read again from time to time, because the limit of
 * requests is not checked by that statement.
 *
 * `since` is when the request came to wait, on the clock of `performance.now()`.
 */
@Injectable()
export class ServiceAccessService {
  private readonly remembered = new LRUCache<string, ActiveService>({ max: REMEMBERED_SERVICES, ttl: FRESH_MS });

  constructor(
    private readonly services: ServiceAccountRepository,
    private readonly organizations: OrganizationRepository,
    private readonly limits: ServiceLimits,
  ) {}

  /** The caller, if the hint says that it may do this; `undefined` says nothing. */
  recall(
    serviceId: string,
    organizationId: string | undefined,
    scopes: ServiceCaller['scopes'],
    since: number,
  ): ServiceCaller | undefined {
    const service = this.remembered.get(serviceId);
    return service && isOfOrganization(service, organizationId) && missingScope(service, scopes) === undefined
      ? { kind: 'service', serviceId, organizationId, scopes, since }
      : undefined;
  }

  /**
   * The same, as the database has it now.
   *
   * @param refusal makes the error that is thrown in place of those below, except the first
   * @throws OrganizationRequiredError
   * @throws NotAssociatedError
   * @throws NotAMemberError
   * @throws InsufficientScopeError
   * @throws InsufficientRoleError
   */
  async admit(
    serviceId: string,
    organizationId: string | undefined,
    scopes: ServiceCaller['scopes'],
    since: number,
    refusal?: (reason: RefusalReason) => AppError,
  ): Promise<ServiceCaller> {
    const toStranger = () => refusal?.('no-organization') ?? scopeError(scopes[0], 'toStranger');
    this.remembered.delete(serviceId);
    const service = await this.services.findActive(serviceId, since);
    if (service === null) throw toStranger();
    this.limits.remember(service);
    if (organizationId === undefined) throw new OrganizationRequiredError();
    if (
      !isOfOrganization(service, organizationId) ||
      !(await this.organizations.isActive(organizationId, serviceId, since))
    ) {
      throw toStranger();
    }
    this.remembered.set(serviceId, service);
    const missing = missingScope(service, scopes);
    if (missing !== undefined) throw refusal?.(missing) ?? scopeError(missing, 'withoutScope');
    return { kind: 'service', serviceId, organizationId, scopes, since };
  }

  /**
   * Checks, by what the database has now, that it may do this in all organizations.
   *
   * @throws NotForAllOrganizationsError
   * @throws InsufficientScopeError
   */
  async admitToAll(serviceId: string, scopes: ServiceCaller['scopes'], since: number): Promise<ServiceCaller> {
    const service = await this.services.findActive(serviceId, since);
    if (service === null || service.organizationId !== null) throw new NotForAllOrganizationsError();
    this.limits.remember(service);
    const missing = missingScope(service, scopes);
    if (missing !== undefined) throw new InsufficientScopeError(missing);
    return { kind: 'service', serviceId, organizationId: SYSTEM_ID, scopes, since };
  }

  /** Whether there is such a service account, whatever it may do. */
  async isActive(serviceId: string, since: number): Promise<boolean> {
    return (await this.services.findActive(serviceId, since)) !== null;
  }

  /** To be called when the statement refused: says why, as the database has it now. */
  async refuse(caller: ServiceCaller, refusal?: (reason: RefusalReason) => AppError): Promise<never> {
    const { serviceId, organizationId, scopes, since } = caller;
    if (organizationId === SYSTEM_ID) {
      await this.admitToAll(serviceId, scopes, since);
      throw new NotForAllOrganizationsError();
    }
    await this.admit(serviceId, organizationId, scopes, since, refusal);
    throw scopeError(scopes[0], 'toStranger');
  }
}

function scopeError(scope: ServiceScope, to: 'toStranger' | 'withoutScope'): AppError {
  return REFUSALS[scope]?.[to]() ?? new InsufficientScopeError(scope);
}

function isOfOrganization(service: ActiveService, organizationId: string | undefined): organizationId is string {
  return (
    organizationId !== undefined &&
    isOrganizationId(organizationId) &&
    (service.organizationId ?? organizationId) === organizationId
  );
}

function missingScope(service: ActiveService, scopes: ServiceCaller['scopes']): ServiceScope | undefined {
  return scopes.find((scope) => !service.scopes.includes(scope));
}
