import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { validateDto } from '../common/validation/validate-dto.js';
import { SERVICE_ACCOUNT_CONTEXT } from '../history/change-context.js';
import { type OperatorOrigin, UNNAMED_OPERATOR } from '../history/change-origin.js';
import type { Operation } from '../history/operation.js';
import type { ServiceAccount } from '../service-account/service-account.entity.js';
import { SERVICE_SCOPES, type ServiceScope } from '../auth/service-scope.js';
import {
  AlreadyDeletedError,
  AlreadyTakenError,
  UnknownOrganizationError,
  UnknownServiceError,
} from './admin.errors.js';
import { AdministrationRepository, type ChangeableMember } from './administration.repository.js';
import { CreateServiceDto } from './dto/create-service.dto.js';
import { SetRateLimitDto } from './dto/set-rate-limit.dto.js';
import { SetScopesDto } from './dto/set-scopes.dto.js';

/**
 * What an operator does with service accounts from the command line. An id is unique among them and among users, which
 * is checked here, under the lock that is taken where users are made.
 */
@Injectable()
export class ServiceAdministrationService {
  constructor(private readonly repository: AdministrationRepository) {}

  /**
   * @throws InvalidInputError
   * @throws AlreadyTakenError
   * @throws UnknownOrganizationError
   */
  async create(plain: Partial<CreateServiceDto>, origin = UNNAMED_OPERATOR): Promise<ServiceAccount> {
    const { name, organization, all, scopes, id = randomUUID() } = await validateDto(CreateServiceDto, plain);
    if ((organization === undefined) === (all === undefined)) {
      throw new InvalidInputError('either organization or all is required');
    }
    const organizationId = organization?.toLowerCase() ?? null;
    requireScopesFor(organizationId, scopes);
    await this.repository.transaction(async (repository) => {
      await repository.lockId(id);
      if ((await repository.findService(id)) ?? (await repository.findUser(id))) throw new AlreadyTakenError('id', id);
      if (organizationId !== null) {
        const found = await repository.findOrganization(organizationId);
        if (found === null || found.deletedAt !== null) throw new UnknownOrganizationError(organizationId);
      }
      const service = { id, name, organizationId, scopes: inOrder(scopes) };
      await repository.insertService(service);
      const patch = [{ op: 'add', path: '/scopes', value: service.scopes }];
      await repository.insertOperatorChange(changeOf(service, 'create', patch), origin);
    });
    return this.find(id);
  }

  /**
   * @throws InvalidInputError
   * @throws UnknownServiceError
   * @throws AlreadyDeletedError
   */
  async setScopes(id: string, plain: Partial<SetScopesDto>, origin = UNNAMED_OPERATOR): Promise<ServiceAccount> {
    const { scopes } = await validateDto(SetScopesDto, plain);
    const service = await this.findActive(id);
    requireScopesFor(service.organizationId, scopes);
    return this.change(service, 'set-scopes', 'scopes', inOrder(scopes), origin);
  }

  /**
   * @throws InvalidInputError
   * @throws UnknownServiceError
   * @throws AlreadyDeletedError
   */
  async setRateLimit(id: string, plain: SetRateLimitDto, origin = UNNAMED_OPERATOR): Promise<ServiceAccount> {
    const { perMinute } = await validateDto(SetRateLimitDto, plain);
    return this.change(await this.findActive(id), 'set-rate-limit', 'rateLimitPerMinute', perMinute, origin);
  }

  /**
   * Soft-deletes a service account: from then on it is nobody.
   *
   * @throws UnknownServiceError
   */
  async delete(id: string, origin = UNNAMED_OPERATOR): Promise<ServiceAccount> {
    const service = await this.find(id);
    return service.deletedAt === null ? this.change(service, 'delete', 'deletedAt', new Date(), origin) : service;
  }

  /** @throws UnknownServiceError */
  async restore(id: string, origin = UNNAMED_OPERATOR): Promise<ServiceAccount> {
    return this.change(await this.find(id), 'restore', 'deletedAt', null, origin);
  }

  list(): Promise<ServiceAccount[]> {
    return this.repository.listServices();
  }

  /**
   * @throws UnknownServiceError
   * @throws AlreadyDeletedError
   */
  async findActive(id: string): Promise<ServiceAccount> {
    const service = await this.find(id);
    if (service.deletedAt !== null) throw new AlreadyDeletedError('service account', id);
    return service;
  }

  /** Changes one member of a service account, and keeps that in the history; the same value again leaves no trace. */
  private async change<Member extends ChangeableMember>(
    service: ServiceAccount,
    operation: Operation,
    member: Member,
    value: ServiceAccount[Member],
    origin: OperatorOrigin,
  ): Promise<ServiceAccount> {
    if (JSON.stringify(service[member]) === JSON.stringify(value)) return service;
    await this.repository.transaction(async (repository) => {
      await repository.updateService(service.id, { [member]: value });
      const patch = [{ op: 'replace', path: `/${member}`, value }];
      await repository.insertOperatorChange(changeOf(service, operation, patch), origin);
    });
    return this.find(service.id);
  }

  private async find(id: string): Promise<ServiceAccount> {
    const service = await this.repository.findService(id);
    if (service === null) throw new UnknownServiceError(id);
    return service;
  }
}

function changeOf(
  { id, organizationId }: Pick<ServiceAccount, 'id' | 'organizationId'>,
  operation: Operation,
  patch: readonly object[],
) {
  return { context: SERVICE_ACCOUNT_CONTEXT, contextId: id, organizationId, operation, patch } as const;
}

/** @throws InvalidInputError */
function requireScopesFor(organizationId: string | null, scopes: readonly ServiceScope[]): void {
  const ofSystem = scopes.find((scope) => scope.startsWith('system:'));
  if (organizationId !== null && ofSystem !== undefined) {
    throw new InvalidInputError(`${ofSystem} is only for service accounts of all organizations`);
  }
}

/** Each once. */
function inOrder(scopes: readonly ServiceScope[]): ServiceScope[] {
  return SERVICE_SCOPES.filter((scope) => scopes.includes(scope));
}
